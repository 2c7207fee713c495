import t from 'tap'
import fc from 'fast-check'
import { workersNeeded, type Demand } from '../../../services/scaling/workers-needed.ts'

const MINUTE = 60_000

t.test('keeps up with arrivals and works the backlog off in time', async (t) => {
  const table: [
    arrivalRate: number,
    backlog: number,
    ratePerWorker: number | undefined,
    liveWorkers: number,
    drainTargetMs: number,
    needed: number | undefined
  ][] = [
    [0, 0, 100, 3, MINUTE, 1],
    [0, 0, undefined, 0, MINUTE, 1],
    [1, 0, 100, 1, MINUTE, 1],
    [100, 0, 100, 1, MINUTE, 1],
    [101, 0, 100, 1, MINUTE, 2],
    [300, 0, 100, 1, MINUTE, 3],
    [0.3, 0, 0.1, 1, MINUTE, 3],
    [0, 6_000, 100, 1, MINUTE, 1],
    [0, 6_001, 100, 1, MINUTE, 2],
    [100, 6_000, 100, 1, MINUTE, 2],
    [100, 6_000, 100, 1, 10_000, 7],
    [100, 6_000, 100, 7, 10_000, 7],
    [1, 0, undefined, 0, MINUTE, 1],
    [0, 9, undefined, 0, MINUTE, 1],
    [1, 0, undefined, 1, MINUTE, undefined],
    [1, 0, 0, 1, MINUTE, undefined],
    [1, 0, Infinity, 4, MINUTE, 1]
  ]
  for (const [arrivalRate, backlog, ratePerWorker, liveWorkers, drainTargetMs, needed] of table) {
    t.equal(workersNeeded({ arrivalRate, backlog, ratePerWorker, liveWorkers, drainTargetMs }), needed,
      `${arrivalRate}/s and ${backlog} waiting, ${ratePerWorker}/s each: ${needed}`)
  }
})

const rate = fc.double({ min: 0, max: 1e6, noNaN: true })
const demand: fc.Arbitrary<Demand & { ratePerWorker: number }> = fc.record({
  arrivalRate: rate,
  backlog: fc.nat(),
  ratePerWorker: fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
  liveWorkers: fc.nat({ max: 100 }),
  drainTargetMs: fc.integer({ min: 1_000, max: 86_400_000 })
})
const needed = (of: Demand) => workersNeeded(of) ?? NaN

t.test('more arrivals, more backlog, slower workers or less time never need fewer', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        demand,
        rate,
        fc.nat(),
        fc.double({ min: 1, max: 100, noNaN: true }),
        (demand, arrivals, backlog, times) => {
          const least = needed(demand)
          return needed({ ...demand, arrivalRate: demand.arrivalRate + arrivals }) >= least &&
            needed({ ...demand, backlog: demand.backlog + backlog }) >= least &&
            needed({ ...demand, ratePerWorker: demand.ratePerWorker / times }) >= least &&
            needed({ ...demand, drainTargetMs: demand.drainTargetMs / times }) >= least
        }
      ),
      { numRuns: 1_000 }
    )
  )
})

t.test('as many are enough, and one fewer is not', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(demand, (demand) => {
    const { arrivalRate, backlog, ratePerWorker, drainTargetMs } = demand
    const count = needed(demand)
    const left = (workers: number) => backlog - (workers * ratePerWorker - arrivalRate) * drainTargetMs / 1000
    // Allows for rounding of floating point.
    const slack = 1e-6 * (backlog + (count * ratePerWorker + arrivalRate) * drainTargetMs / 1000)
    return Number.isInteger(count) && left(count) <= slack && (count === 1 || left(count - 1) > -slack)
  }), { numRuns: 1_000 }))
})

t.test('how many are live does not matter once their speed is known', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(fc.property(
      demand,
      fc.nat(),
      (demand, liveWorkers) => needed(demand) === needed({ ...demand, liveWorkers })
    ))
  )
})
