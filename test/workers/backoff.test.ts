import fc from 'fast-check'
import t from 'tap'
import { backoffMs, MAX_BACKOFF_MS } from '../../workers/batch-outcome.ts'

const attempt = fc.integer({ min: 1, max: 2_000 })
const base = fc.integer({ min: 1, max: 3_600_000 })
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

t.test('doubles with each attempt, half of it fixed and half random', async (t) => {
  const table: [attempt: number, base: number, random: number, delay: number][] = [
    [1, 1_000, 0, 500],
    [1, 1_000, 0.5, 750],
    [1, 1_000, 0.999, 1_000],
    [2, 1_000, 0, 1_000],
    [3, 1_000, 0, 2_000],
    [3, 1_000, 0.5, 3_000],
    [1, 1, 0, 1],
    [9, 1_000, 0, 128_000],
    [10, 1_000, 0, 150_000],
    [10, 1_000, 0.5, 225_000],
    [2_000, 1_000, 0, 150_000]
  ]
  for (const [attempt, base, random, delay] of table)
    t.equal(backoffMs(attempt, base, random), delay, `${attempt}, ${base}, ${random}`)
})

t.test('is a whole number of milliseconds between half the ceiling and the ceiling', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(attempt, base, random, (attempt, base, random) => {
    const ceiling = Math.min(MAX_BACKOFF_MS, base * 2 ** (attempt - 1))
    const delay = backoffMs(attempt, base, random)
    return Number.isInteger(delay) && delay >= Math.round(ceiling / 2) && delay <= Math.round(ceiling)
  })))
})

t.test('never gets shorter with a later attempt or a larger draw', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(attempt, base, random, random, (attempt, base, one, other) =>
    backoffMs(attempt, base, one) <= backoffMs(attempt + 1, base, one) &&
    backoffMs(attempt, base, Math.min(one, other)) <= backoffMs(attempt, base, Math.max(one, other)))))
})
