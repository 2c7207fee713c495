import t from 'tap'
import { quantiles, timeGroups } from '../../../bench/decision/timing.ts'

t.test('a time is that of a group, divided by its decisions, without what comes between', async (t) => {
  let nowMs = 0
  let decisions = 0
  let costMs = 1
  const times = timeGroups(3, 4, () => {
    decisions++
    nowMs += costMs
  }, () => {
    nowMs += 1_000
    costMs++
  }, () => nowMs)
  t.strictSame([...times], [1_000_000, 2_000_000, 3_000_000])
  t.equal(decisions, 12)
})

t.test('a quantile is one of the values', async (t) => {
  const hundred = Float64Array.from({ length: 100 }, (_, index) => 100 - index)
  t.strictSame(quantiles(hundred, 0.5, 0.99, 1, 0), [50, 99, 100, 1])
  t.strictSame(quantiles(Float64Array.of(7), 0.99), [7])
})
