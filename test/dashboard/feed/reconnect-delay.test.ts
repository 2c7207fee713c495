import fc from 'fast-check'
import t from 'tap'
import { reconnectDelayMs } from '../../../dashboard/feed/reconnect-delay.js'

t.test('waits longer with each attempt, up to ten seconds', async (t) => {
  t.strictSame([0, 1, 2, 3, 4, 5, 50].map((attempt) => reconnectDelayMs(attempt, 1)), [
    500,
    1_000,
    2_000,
    4_000,
    8_000,
    10_000,
    10_000
  ])
})

t.test('spreads pages over half of the wait', async () => {
  fc.assert(fc.property(
    fc.nat(1_000),
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    (attempt, random) => {
      const longest = reconnectDelayMs(attempt, 1)
      const delay = reconnectDelayMs(attempt, random)
      return delay >= Math.floor(longest / 2) && delay <= longest
    }
  ))
})
