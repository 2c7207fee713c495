import t from 'tap'
import type { State } from '../../../dashboard/contract.d.ts'
import { thresholdsPatch, thresholdsText, versionText } from '../../../dashboard/figures/settings.js'
import { NOW, stateWith } from './samples.ts'

const settingsWith = (changes: Partial<State['settings']>) => stateWith({ settings: { version: 7, overrides: {}, lastChange: null, ...changes } })

t.test('the thresholds stand in ascending order', async (t) => {
  t.equal(thresholdsText(stateWith()), 'recovery 5,000, warning 10,000, critical 50,000, hard limit 1,000,000')
})

t.test('the version says who changed what, and when', async (t) => {
  t.equal(versionText(stateWith()), 'as configured, never changed')
  const lastChange = {
    version: 7, at: new Date(NOW - 60_000).toISOString(), by: '10.0.0.1', changes: [
      { field: 'backpressure.thresholds.warning', from: 1, to: 20_000, isConfigured: false },
      { field: 'backpressure.mode', from: 'observe', to: 'true', isConfigured: true }
    ]
  }
  t.equal(versionText(settingsWith({ lastChange })), '7, 60 s ago by 10.0.0.1: warning 20,000, mode true (configured)')
  t.equal(versionText(settingsWith({ lastChange: { ...lastChange, changes: [], rollbackTo: 3 } })), '7, 60 s ago by 10.0.0.1: back to version 3, nothing')
})

t.test('what was entered becomes a patch of what it changes', async (t) => {
  const state = settingsWith({ overrides: { backpressure: { thresholds: { warning: 10_000 } } } })
  const asShown = { recovery: '', warning: '10000', critical: '', hardLimit: '' }
  t.equal(thresholdsPatch(state, asShown), undefined)
  t.strictSame(thresholdsPatch(state, { ...asShown, warning: ' ' }), { backpressure: { thresholds: { warning: null } } })
  t.strictSame(thresholdsPatch(state, { ...asShown, warning: '20000', critical: '50001' }), { backpressure: { thresholds: { warning: 20_000, critical: 50_001 } } })
})
