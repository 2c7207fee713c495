import t from 'tap'
import fc from 'fast-check'
import { surgeWorkers, type Surge } from '../../../services/scaling/surge.ts'

const CALM: Surge = {
  arrivalRate: { critical: 5, normal: 55, low: 40 },
  waiting: { critical: 0, normal: 0, low: 0 },
  budgetsMs: { critical: 2_000, normal: 30_000, low: 300_000 },
  ratePerWorker: 10,
  liveWorkers: 10,
  askedWorkers: 10,
  askedForMs: 0
}
const times = (factor: number) => ({ critical: 5 * factor, normal: 55 * factor, low: 40 * factor })

t.test('asks for nothing while the budgets of normal and low events are kept', async (t) => {
  t.equal(surgeWorkers(CALM), 0)
  t.equal(surgeWorkers({ ...CALM, arrivalRate: times(2) }), 0, '120 normal events/s for 100: half a budget in 75 s')
  t.equal(surgeWorkers({ ...CALM, arrivalRate: { critical: 0, normal: 0, low: 300 } }), 0, 'low events may wait longer')
})

t.test('asks for workers that bring the backlog ahead within its budget', async (t) => {
  // 180 normal events/s for 100 leave 4,800 after a minute: (180 + 4,800 / 30) / 10.
  t.equal(surgeWorkers({ ...CALM, arrivalRate: times(3) }), 34)
  // 400 low events/s for 100 leave 18,000 after a minute: (400 + 18,000 / 300) / 10.
  t.equal(surgeWorkers({ ...CALM, arrivalRate: { critical: 0, normal: 0, low: 400 } }), 46)
  t.equal(surgeWorkers({ ...CALM, waiting: { critical: 0, normal: 6_000, low: 0 } }), 18, 'a backlog counts as well')
})

t.test('workers that start count from the time at which they will be there', async (t) => {
  const asked = { ...CALM, arrivalRate: times(3), askedWorkers: 34 }
  t.equal(surgeWorkers(asked), 0, 'the 4,800 that come until then are less than half a budget of 34 workers')
  t.equal(surgeWorkers({ ...asked, askedWorkers: 20 }), 34)
  const late = { ...asked, askedWorkers: 20, askedForMs: 30_000, waiting: { critical: 0, normal: 2_400, low: 0 } }
  t.equal(surgeWorkers(late), 32, 'after half of it, half of the backlog is there, and in the second half 20 work')
  t.equal(surgeWorkers({ ...late, askedForMs: 1e9 }), surgeWorkers({ ...late, askedForMs: 60_000 }))
})

t.test('no worker and none asked for is a number too', async (t) => {
  t.equal(surgeWorkers({ ...CALM, liveWorkers: 0, askedWorkers: 0 }), 18)
})

const surges = fc.record({
  arrivalRate: fc.record({ critical: fc.nat(1_000), normal: fc.nat(1_000), low: fc.nat(1_000) }),
  waiting: fc.record({ critical: fc.nat(9_999), normal: fc.nat(9_999), low: fc.nat(9_999) }),
  ratePerWorker: fc.double({ min: 0.1, max: 1_000, noNaN: true }),
  liveWorkers: fc.nat(100),
  askedWorkers: fc.nat(100),
  askedForMs: fc.nat(120_000)
}).map((figures) => ({ ...CALM, ...figures }))

t.test('more arrivals or more backlog never ask for fewer, and no number is less than the arrivals need', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(surges, fc.nat(1_000), fc.nat(9_999), (surge, arrivals, backlog) => {
    const workers = surgeWorkers(surge)
    const { arrivalRate, waiting, ratePerWorker } = surge
    const more = { ...surge, arrivalRate: { ...arrivalRate, normal: arrivalRate.normal + arrivals } }
    const longer = { ...surge, waiting: { ...waiting, normal: waiting.normal + backlog } }
    const least = (arrivalRate.critical + arrivalRate.normal) / ratePerWorker
    const isMonotonic = surgeWorkers(more) >= workers && surgeWorkers(longer) >= workers
    return isMonotonic && (workers === 0 || workers >= least * (1 - 1e-9))
  })))
})
