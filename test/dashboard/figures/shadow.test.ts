import t from 'tap'
import { shadowSettingsText, shadowSpanText } from '../../../dashboard/figures/shadow.js'
import type { Shadow } from '../../../dashboard/contract.d.ts'

const NONE = { bothAdmit: 0, bothRefuse: 0, onlyLiveRefuses: 0, onlyShadowRefuses: 0 }
const SHADOW: Shadow = {
  since: 0, circuitState: 'OPEN', recentSeconds: 0, recent: { critical: NONE, normal: NONE, low: NONE },
  thresholds: { recovery: 5_000, warning: 10_000, critical: 40_000, hardLimit: 1_000_000 },
  fields: [
    { field: 'control.thresholds', live: 'static', tried: 'adaptive' },
    { field: 'quotas.acme', live: null, tried: 5_000 }
  ]
}

t.test('names each setting that is tried beside the one in force', async (t) => {
  t.equal(shadowSettingsText(SHADOW), 'control.thresholds adaptive instead of static, quotas.acme 5,000 instead of none. ' +
    'Its circuit is OPEN, its critical threshold 40,000.')
})

t.test('tells which span the counts cover', async (t) => {
  t.equal(shadowSpanText(SHADOW, 500), 'just begun, by this replica; began just now')
  t.equal(shadowSpanText({ ...SHADOW, recentSeconds: 300 }, 600_000), 'the last 5 min, by this replica; began 10 min ago')
})
