import t from 'tap'
import fc from 'fast-check'
import { retryAfterSeconds, retryAfterTime } from '../../../services/admission/retry-after.ts'

const LATEST = 1 - Number.EPSILON

t.test('is the time the excess needs to drain, spread over up to twice that time', async (t) => {
  const table: [excess: number, netDrainRate: number, earliest: number, middle: number, latest: number][] = [
    [0, 100, 1, 2, 2],
    [-500, 100, 1, 2, 2],
    [1, 100, 1, 2, 2],
    [100, 100, 1, 2, 2],
    [101, 100, 2, 3, 4],
    [1_000, 100, 10, 15, 20],
    [2_400, 100, 24, 36, 48],
    [6_000, 100, 60, 90, 120],
    [8_000, 100, 80, 100, 120],
    [9_000, 100, 90, 105, 120],
    [12_000, 100, 90, 105, 120],
    [1e12, 1, 90, 105, 120]
  ]
  for (const [excess, rate, earliest, middle, latest] of table) {
    const spread = [0, 0.5, LATEST].map((random) => retryAfterSeconds(excess, rate, random))
    t.strictSame(spread, [earliest, middle, latest], `${excess} events at ${rate} per second`)
  }
})

t.test('a queue that does not drain calls nobody back early and nobody back together', async (t) => {
  for (const rate of [0, -50, 1e-9]) {
    t.strictSame(
      [0, 0.5, LATEST].map((random) => retryAfterSeconds(1_000, rate, random)),
      [90, 105, 120],
      `${rate} per second`
    )
  }
})

t.test('without an excess the rate does not matter', async (t) => {
  for (const rate of [-1, 0, 1_000]) t.equal(retryAfterSeconds(0, rate, 0), 1, `${rate} per second`)
})

const finite = fc.double({ min: -1e9, max: 1e12, noNaN: true })
const uniform = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

t.test('is an integer from 1 to 120 whatever the numbers', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(finite, finite, uniform, (excess, rate, random) => {
    const seconds = retryAfterSeconds(excess, rate, random)
    return Number.isInteger(seconds) && seconds >= 1 && seconds <= 120
  })))
})

t.test('more excess never shortens it, a faster drain never lengthens it', async (t) => {
  const rate = fc.double({ min: 0, max: 1e6, noNaN: true })
  t.doesNotThrow(() =>
    fc.assert(fc.property(
      finite,
      finite,
      rate,
      rate,
      uniform,
      (excess, otherExcess, slow, fast, random) =>
        retryAfterSeconds(Math.min(excess, otherExcess), Math.max(slow, fast), random) <=
          retryAfterSeconds(Math.max(excess, otherExcess), Math.min(slow, fast), random)
    ))
  )
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
