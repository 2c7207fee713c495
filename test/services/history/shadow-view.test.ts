import t from 'tap'
import { AdmissionController } from '../../../services/admission/controller.ts'
import { Shadow } from '../../../services/admission/shadow.ts'
import { ShadowView } from '../../../services/history/shadow-view.ts'
import { THRESHOLDS } from '../admission/load.ts'

const DOCUMENT = { backpressure: { thresholds: { critical: 200 } }, quotas: { acme: 5 } }
const LIVE = { backpressure: { mode: 'true', thresholds: THRESHOLDS } }

function start () {
  const shadow = () => new Shadow({
    controller: new AdmissionController({ thresholds: { ...THRESHOLDS, critical: 200 }, policies: [], now: 0 }),
    mode: 'true', random: () => 0, since: 7_000
  })
  const running: { shadow: Shadow | undefined, trial: { document: unknown, settings: never } } = {
    shadow: shadow(), trial: { document: DOCUMENT, settings: undefined as never }
  }
  const view = new ShadowView(running)
  return { running, view, shadow }
}

t.test('shows the settings that are tried beside those in force, and the counts of the last five minutes', async (t) => {
  const { running, view } = start()
  const add = () => running.shadow?.counts.add('low', 'admitted', 'circuit-open')
  t.equal(view.shown(LIVE), undefined, 'not before the first second has ended')
  for (let second = 0; second <= 1_000; second++) {
    view.record(second)
    add()
  }
  const shown = view.shown(LIVE)
  t.match(shown, {
    since: 7_000, circuitState: 'CLOSED', thresholds: { critical: 200 },
    fields: [
      { field: 'backpressure.thresholds.critical', live: 500, tried: 200 },
      { field: 'quotas.acme', live: null, tried: 5 }
    ],
    recent: { critical: { onlyShadowRefuses: 0 }, low: { bothAdmit: 0, bothRefuse: 0, onlyLiveRefuses: 0 } }
  })
  t.ok(shown!.recentSeconds >= 290 && shown!.recentSeconds <= 300, `${shown!.recentSeconds} s`)
  t.equal(shown!.recent.low.onlyShadowRefuses, shown!.recentSeconds, 'one each second')
})

t.test('a reset and another shadow begin from zero, and without one nothing is shown', async (t) => {
  const { running, view, shadow } = start()
  const add = (count: number) => {
    for (let each = 0; each < count; each++) running.shadow?.counts.add('low', 'admitted', 'circuit-open')
  }
  add(100)
  view.record(1)
  running.shadow?.reset(0)
  add(3)
  view.record(2)
  t.match(view.shown(LIVE), { recentSeconds: 0 })
  running.shadow = shadow()
  t.equal(view.shown(LIVE), undefined)
  view.record(3)
  add(4)
  view.record(4)
  t.match(view.shown(LIVE), { recentSeconds: 1, recent: { low: { onlyShadowRefuses: 4 } } })
  running.shadow = undefined
  view.record(5)
  t.equal(view.shown(LIVE), undefined)
})
