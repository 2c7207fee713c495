import t from 'tap'
import fc from 'fast-check'
import { SteadyNumber } from '../../../services/scaling/steady-number.ts'

const STEADY_SECONDS = 120

/** Lets seconds pass with the same demand in each and returns the number second by second. */
function pass (number: SteadyNumber, from: number, demands: readonly number[], most?: number): number[] {
  return demands.map((demand, second) => number.observe((from + second) * 1_000, demand, demand, most))
}

const seconds = (count: number, demand: number) => Array.from({ length: count }, () => demand)

t.test('rises at once, and leaves an excess of a tenth to the backlog', async (t) => {
  const table: [from: number, demand: number, number: number][] = [
    [1, 0, 1], [1, 1.05, 1], [1, 1.2, 2], [10, 10.9, 10], [10, 11, 10], [10, 11.1, 12], [10, 40, 40], [0, 0, 1]
  ]
  for (const [from, demand, wanted] of table) {
    t.equal(new SteadyNumber(from, STEADY_SECONDS * 1_000).observe(0, demand, demand), wanted, `from ${from} to ${demand}`)
  }
})

t.test('falls after two minutes, to the mean and a twentieth', async (t) => {
  const number = new SteadyNumber(10, STEADY_SECONDS * 1_000)
  const seen = pass(number, 0, seconds(STEADY_SECONDS + 1, 5))
  t.strictSame(seen.slice(0, -1), seconds(STEADY_SECONDS, 10))
  t.equal(seen.at(-1), 6, 'of 5.25')
  t.equal(pass(number, 121, seconds(30, 5.6)).at(-1), 6)
  t.equal(number.lower, 6)
})

t.test('falls step by step while the mean does', async (t) => {
  const number = new SteadyNumber(20, STEADY_SECONDS * 1_000)
  const seen = pass(number, 0, [...seconds(130, 19), ...seconds(200, 2)])
  const steps = seen.filter((value, index) => value !== seen[index - 1])
  t.strictSame(steps, [20, ...Array.from({ length: 17 }, (_, index) => 19 - index)])
})

t.test('forgets what it saw before a gap, and starts to look again', async (t) => {
  const number = new SteadyNumber(10, STEADY_SECONDS * 1_000)
  pass(number, 0, seconds(100, 1))
  number.lose()
  t.equal(number.lower, 10, 'nothing is known yet')
  t.equal(pass(number, 500, seconds(STEADY_SECONDS, 1)).at(-1), 10)
  t.equal(pass(number, 100, seconds(STEADY_SECONDS, 1)).at(-1), 10, 'so it does when the clock is set back')
  t.equal(pass(number, 220, seconds(1, 1)).at(-1), 2)
})

t.test('more than a limit is not asked for, and the surplus goes when two minutes have passed', async (t) => {
  const number = new SteadyNumber(4, STEADY_SECONDS * 1_000)
  t.equal(pass(number, 0, seconds(1, 9), 6).at(-1), 6)
  t.equal(pass(number, 1, seconds(STEADY_SECONDS + 1, 9), 3).at(-1), 3)
})

t.test('noise around a demand neither starts nor stops workers', async (t) => {
  const noise = fc.array(fc.double({ min: -0.8, max: 0.8, noNaN: true }), { minLength: 600, maxLength: 600 })
  t.doesNotThrow(() => fc.assert(fc.property(noise, (noise) => {
    const seen = pass(new SteadyNumber(10, STEADY_SECONDS * 1_000), 0, noise.map((more) => 9.3 + more))
    return seen.every((value) => value === 10)
  }), { numRuns: 30 }))
})

t.test('is never below what rises now, a whole number, and never falls within two minutes', async (t) => {
  const demands = fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { minLength: 1, maxLength: 400 })
  t.doesNotThrow(() => fc.assert(fc.property(fc.nat({ max: 50 }), demands, (first, demands) => {
    const seen = pass(new SteadyNumber(first, STEADY_SECONDS * 1_000), 0, demands)
    return seen.every((value, second) => {
      const before = seen[second - 1] ?? Math.max(1, first)
      const isEnough = value * 1.1 + 1e-6 >= (demands[second] as number)
      return Number.isInteger(value) && value >= 1 && isEnough && (second >= STEADY_SECONDS || value >= before)
    })
  }), { numRuns: 100 }))
})
