import t from 'tap'
import type { Incident } from '../../../services/history/incident-watch.ts'
import { SeriesRing } from '../../../services/history/series.ts'
import { SignalHistory } from '../../../services/history/signal-history.ts'
import { pointAt } from './setup.ts'

const incident = (time: number): Incident => ({ time, kind: 'reset', text: 'It was reset.' })
const start = () => new SignalHistory(new SeriesRing([]))

t.test('an incident belongs to the second that ends after it, and is told with it once', async (t) => {
  const history = start()
  history.end(pointAt(10))
  history.record([incident(10_200)])
  t.strictSame(history.since(-Infinity).incidents, [], 'the second has not ended')
  history.end(pointAt(11))
  history.end(pointAt(12))
  t.strictSame(history.since(10).incidents, [incident(10_200)])
  t.strictSame(history.since(11).incidents, [])
  t.strictSame(history.since(10).series.time, [11, 12])
})

t.test('a second ends once', async (t) => {
  const history = start()
  t.strictSame([10, 10, 9, 11].map((second) => history.end(pointAt(second))), [true, false, false, true])
  t.strictSame(history.since(0).series.time, [10, 11])
})

t.test('a clock that is put back begins anew and keeps what happened', async (t) => {
  const history = start()
  history.record([incident(1)])
  for (const second of [9_000, 9_001, 100, 101]) history.end(pointAt(second))
  t.strictSame(history.since(-Infinity).series.time, [100, 101])
  t.strictSame(history.since(-Infinity).incidents, [incident(1)])
  t.strictSame(history.since(99).incidents, [])
})

t.test('keeps 500 incidents, the latest', async (t) => {
  const history = start()
  for (let second = 1; second <= 60; second++) {
    history.record(Array.from({ length: 10 }, (_, index) => incident(second * 1000 + index)))
    history.end(pointAt(second))
  }
  const { incidents } = history.since(-Infinity)
  t.equal(incidents.length, 500)
  t.strictSame([incidents[0], incidents.at(-1)], [incident(11_000), incident(60_009)])
})
