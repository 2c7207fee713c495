import t from 'tap'
import fc from 'fast-check'
import { retryAfterSeconds, retryAfterTime } from '../../../services/admission/retry-after.ts'

const LATEST = 1 - Number.EPSILON

t.test('is spread over up to twice the estimate, and from 1 to 120 s', async (t) => {
  const table: [estimate: number, earliest: number, middle: number, latest: number][] = [
    [0, 1, 2, 2],
    [1, 1, 2, 2],
    [1.2, 1, 2, 2],
    [2, 2, 3, 4],
    [10, 10, 15, 20],
    [24, 24, 36, 48],
    [60, 60, 90, 120],
    [80, 80, 100, 120],
    [90, 90, 105, 120],
    [1e12, 90, 105, 120],
    [Infinity, 90, 105, 120]
  ]
  for (const [estimate, ...waits] of table) {
    t.strictSame([0, 0.5, LATEST].map((random) => retryAfterSeconds(estimate, random)), waits, `${estimate} s`)
  }
})

const estimate = fc.double({ min: 0, noNaN: true })
const uniform = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

t.test('is an integer from 1 to 120 whatever the estimate, and a longer estimate never shortens it', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(estimate, estimate, uniform, (one, other, random) => {
    const [shorter, longer] = [Math.min(one, other), Math.max(one, other)].map((each) => retryAfterSeconds(each, random))
    return Number.isInteger(shorter) && shorter! >= 1 && shorter! <= longer! && longer! <= 120
  })))
})

t.test('the wait for a fixed time never ends early, and is spread over as long again, at most 30 s', async (t) => {
  const table: [afterMs: number, earliest: number, middle: number, latest: number][] = [
    [0, 1, 2, 2], [1, 1, 2, 2], [1_000, 1, 2, 2], [1_001, 2, 3, 4], [20_000, 20, 30, 40], [600_000, 600, 615, 630],
    [86_400_000, 86_400, 86_415, 86_430]
  ]
  for (const [afterMs, earliest, middle, latest] of table) {
    t.strictSame(
      [0, 0.5, LATEST].map((random) => retryAfterTime(afterMs, random)),
      [earliest, middle, latest],
      `${afterMs} ms`
    )
  }
})
