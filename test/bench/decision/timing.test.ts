import t from 'tap'
import { GROUP_SIZE, quantile, timeGroups } from '../../../bench/decision/timing.ts'

t.test('a time is that of a group, divided by its decisions, without what comes between', async (t) => {
  let now = 0n
  let decisions = 0
  let costNanos = 100n
  const times = timeGroups(3, () => { decisions++; now += costNanos }, () => { now += 1_000_000n; costNanos += 50n }, () => now)
  t.strictSame([...times], [100, 150, 200])
  t.equal(decisions, 3 * GROUP_SIZE)
})

t.test('a quantile is one of the values', async (t) => {
  const hundred = Float64Array.from({ length: 100 }, (_, index) => 100 - index)
  t.equal(quantile(hundred, 0.5), 50)
  t.equal(quantile(hundred, 0.99), 99)
  t.equal(quantile(hundred, 1), 100)
  t.equal(quantile(hundred, 0), 1)
  t.equal(quantile(Float64Array.of(7), 0.99), 7)
})
