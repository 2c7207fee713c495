import t from 'tap'
import type { Decision } from '../../../services/control/forecast/acts.ts'
import { forecastLog } from '../../../services/forecast/forecast-log.ts'
import { capturedLog } from '../../captured-log.ts'

const PRE_SHED: Decision = { act: 'pre-shed-low', why: 'breach-before-workers', share: 0.4 }
const SETTLED = { act: 'pre-shed-low', at: 0, dueAt: 9, limit: 800, keptOut: 0, wasRight: true, highest: 850 } as const

function start (acts: boolean) {
  const { log, lines } = capturedLog()
  const clock = { now: 0 }
  return { clock, lines, log: forecastLog(log, { key: 'k', mode: () => acts ? 'act' : 'observe', now: () => clock.now }) }
}

t.test('an act is logged every 30 s at most, and the truth of each that was', async (t) => {
  const { clock, lines, log } = start(true)
  for (clock.now of [0, 10_000, 29_999, 30_000]) {
    log.onAct(PRE_SHED, 12.4)
    log.onSettled(SETTLED)
  }
  t.strictSame(lines.map(({ event }) => event), ['forecast-act', 'forecast-act-settled', 'forecast-act', 'forecast-act-settled'])
  t.match(lines[0], { ...PRE_SHED, breachSeconds: 12, level: 40 })
  t.match(lines[1], { act: 'pre-shed-low', wasRight: true, highest: 850, limit: 800, level: 30 })
  log.onAct({ act: 'ask-for-workers', why: 'breach-ahead' }, 60)
  log.onAct({ act: 'sample-low-harder', why: 'breach-before-workers', share: 0.6 }, 20)
  t.match(lines[5], { act: 'sample-low-harder', share: 0.6 })
  t.equal(lines.length, 6, 'each kind on its own')
})

t.test('an act that only would have been is not logged; a broken record is', async (t) => {
  const { lines, log } = start(false)
  log.onAct(PRE_SHED, 12)
  log.onSettled(SETTLED)
  log.onBroken()
  t.match(lines, [{ event: 'forecast-record-broken', key: 'k' }])
  t.equal(lines.length, 1)
})
