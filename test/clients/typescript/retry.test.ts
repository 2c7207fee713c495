import t from 'tap'
import fc from 'fast-check'
import { RetryBudget } from '../../../clients/typescript/retry-budget.ts'
import { backoffMs, retryAfterSeconds, waitMs } from '../../../clients/typescript/retry-delay.ts'

t.test('Retry-After is read as seconds or a date', async (t) => {
  const now = Date.parse('2026-03-01T10:00:00Z')
  const table: [string | null, number | undefined][] = [
    ['30', 30],
    [' 7 ', 7],
    ['0', 0],
    ['Sun, 01 Mar 2026 10:00:05 GMT', 5],
    ['Sun, 01 Mar 2026 09:00:00 GMT', 0],
    [null, undefined],
    ['', undefined],
    ['1.5', undefined],
    ['soon', undefined]
  ]
  for (const [header, seconds] of table) t.equal(retryAfterSeconds(header, now), seconds, String(header))
})

t.test('waits are as long as asked for, or up to a quarter longer', async (t) => {
  const table: [seconds: number, random: number, ms: number][] = [[10, 0, 10_000], [10, 0.999, 12_498], [0, 0, 100], [
    120,
    0.5,
    135_000
  ]]
  for (const [seconds, random, ms] of table) t.equal(waitMs(seconds, random), ms)
})

t.test('the backoff doubles up to 30 s and is spread over all of that', async (t) => {
  const table: [failures: number, random: number, ms: number][] = [
    [1, 0, 1],
    [1, 0.5, 125],
    [2, 0.5, 250],
    [5, 0.5, 2_000],
    [8, 0.5, 15_000],
    [1_000, 0.5, 15_000]
  ]
  for (const [failures, random, ms] of table) t.equal(backoffMs(failures, random), ms)
})

t.test('a retry is paid for by first attempts or by time', async (t) => {
  const budget = new RetryBudget({ ratio: 0.25, perSecond: 2, capacity: 1 }, 0)
  t.equal(budget.spend(0), true)
  t.equal(budget.spend(0), false)
  t.equal(budget.msUntilNext(0), 500)
  budget.earn(2)
  t.equal(budget.msUntilNext(0), 250)
  t.equal(budget.spend(250), true)
  budget.earn(100)
  t.equal(budget.spend(250), true)
  t.equal(budget.spend(250), false, 'no more than the capacity is saved up')
  t.equal(new RetryBudget({ perSecond: 0, capacity: 0 }, 0).msUntilNext(0), Infinity)
})

t.test('whatever happens, retries stay within what was paid for', async (t) => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ earn: fc.integer({ min: 0, max: 50 }) }),
      fc.record({ waitMs: fc.integer({ min: 0, max: 2_000 }) }),
      fc.constant({ spend: true })
    ),
    { maxLength: 200 }
  )
  fc.assert(fc.property(steps, (steps) => {
    const budget = new RetryBudget({ ratio: 0.2, perSecond: 3, capacity: 5 }, 0)
    let [now, attempts, retries] = [0, 0, 0]
    for (const step of steps) {
      if ('earn' in step) budget.earn(step.earn)
      if ('earn' in step) attempts += step.earn
      else if ('waitMs' in step) now += step.waitMs
      else if (budget.spend(now)) retries++
    }
    return retries <= 5 + 0.2 * attempts + 3 * now / 1_000 + 1e-6
  }))
  t.pass()
})
