import fc from 'fast-check'
import t from 'tap'
import { columnsOf, History, MOST_INCIDENTS, MOST_SECONDS } from '../../../dashboard/figures/history.js'
import { incident, seriesOf } from './samples.ts'

t.test('takes what is newer, and each second once', async (t) => {
  const history = new History()
  history.append(seriesOf([[10, 1, 0], [11, 2, 0]]), [])
  history.append(seriesOf([[10, 9, 0], [11, 9, 0], [12, 3, 0]]), [])
  t.strictSame(history.series.time, [10, 11, 12])
  t.strictSame(history.series.depth.normal, [1, 2, 3])
})

t.test('a gap is not known, and a late second is no gap', async (t) => {
  const history = new History()
  history.append(seriesOf([[10, 1, 0], [12, 2, 0]]), [])
  t.strictSame(history.series.time, [10, 12])
  history.append(seriesOf([[40, 3, 0]]), [])
  t.strictSame(history.series.time, [10, 12, 13, 40])
  t.strictSame(history.series.depth.normal, [1, 2, null, 3])
  t.strictSame(history.series.circuit, [0, 0, null, 0])
})

t.test('a reason that comes up later was not known before', async (t) => {
  const history = new History()
  history.append(seriesOf([[10, 1, 0]]), [])
  history.append({ ...seriesOf([[11, 1, 0]]), shed: { 'of-our-own': [4] } }, [])
  t.strictSame(history.series.shed, { 'circuit-open': [0, null], 'of-our-own': [null, 4] })
})

t.test('forgets what is older than an hour', async (t) => {
  const history = new History()
  history.append(seriesOf([[10, 1, 0], [11, 1, 0]]), [])
  history.append(seriesOf([[10 + MOST_SECONDS, 2, 0]]), [])
  t.equal(history.series.time[0], 11)
})

t.test('a clock that was put back begins anew', async (t) => {
  const history = new History()
  history.append(seriesOf([[1_000, 1, 0], [1_001, 1, 0]]), [])
  history.append(seriesOf([[500, 2, 0]]), [])
  t.strictSame(history.series.time, [500])
})

t.test('tells an incident once, in order of time, and not too many', async (t) => {
  const history = new History()
  history.append(seriesOf([]), [incident(2, 'paused'), incident(3, 'resumed')])
  history.append(seriesOf([]), [incident(3, 'resumed'), incident(1, 'reset')])
  t.strictSame(history.incidents.map(({ time }) => time), [1, 2, 3])
  history.append(seriesOf([]), Array.from({ length: 2 * MOST_INCIDENTS }, (_, index) => incident(10 + index, 'reset')))
  t.equal(history.incidents.length, MOST_INCIDENTS)
  t.equal(history.incidents.at(-1)?.time, 9 + 2 * MOST_INCIDENTS)
  history.clear()
  t.strictSame([history.incidents, history.series.time], [[], []])
})

t.test('columns are of one length, and times rise, whatever comes', async () => {
  const message = fc.array(fc.integer({ min: 0, max: 9_000 }), { maxLength: 20 }).map((times) =>
    seriesOf(times.toSorted((a, b) => a - b).map((time) => [time, 1, 0]))
  )
  fc.assert(fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
    const history = new History()
    for (const series of messages) history.append(series, [])
    const { time } = history.series
    return columnsOf(history.series).every(({ length }) => length === time.length) && time.every((second, index) =>
      index === 0 || second > (time[index - 1] as number)
    ) &&
      (time.at(-1) ?? 0) - (time[0] ?? 0) < MOST_SECONDS
  }))
})
