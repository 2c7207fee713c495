import fc from 'fast-check'
import t from 'tap'
import {
  amountsOf, bottleneckOf, costOf, FIGURES, fit, machinesFor, rateOfCore, TERMS,
  type Amounts, type Figure, type Model, type Row, type Traffic
} from '../../../bench/scale/model.ts'

const TRAFFIC: Traffic = {
  eventsPerRequest: 100, eventsPerBatch: 50, bytes: 500, idShare: 0.5, isDelivered: false, isSynced: false
}

const PLAN = { busyShare: 0.5, backlogSeconds: 300, idSeconds: 60 }

const costs = Object.fromEntries(Object.entries(FIGURES).map(([figure, terms], place) =>
  [figure, Object.fromEntries(terms.map((term, index) => [term, 1 + place + 2 * index]))])) as unknown as Model

const amounts = fc.record(Object.fromEntries(TERMS.map((term) => [term, fc.integer({ min: 0, max: 50 })]))) as
  fc.Arbitrary<Amounts>

const traffic: fc.Arbitrary<Traffic> = fc.record({
  eventsPerRequest: fc.integer({ min: 1, max: 1_000 }), eventsPerBatch: fc.integer({ min: 1, max: 128 }),
  bytes: fc.integer({ min: 50, max: 10_000 }), idShare: fc.constantFrom(0, 0.5, 1), isDelivered: fc.boolean(),
  isSynced: fc.boolean()
})

t.test('the work of an event is its share of that of its request and of its batch', async (t) => {
  t.strictSame(amountsOf(TRAFFIC), {
    seconds: 0, requests: 0.01, batches: 0.02, events: 1, kilobytes: 0.5, ids: 0.5, deliveredBatches: 0,
    deliveredEvents: 0, deliveredKilobytes: 0, syncedBatches: 0
  })
  t.match(amountsOf({ ...TRAFFIC, isDelivered: true, isSynced: true }),
    { deliveredBatches: 0.02, deliveredEvents: 1, deliveredKilobytes: 0.5, syncedBatches: 0.02 })
})

t.test('a core has the time that is left beside the work of each second', async (t) => {
  const one = amountsOf(TRAFFIC)
  t.equal(rateOfCore({ events: 10 }, one), 100_000)
  t.equal(rateOfCore({ events: 10, seconds: 100_000 }, one), 90_000)
  t.equal(rateOfCore({ events: 10, seconds: 100_000 }, one, 0.5), 40_000)
  t.equal(rateOfCore({ events: 10, seconds: 2_000_000 }, one), 0)
  t.equal(rateOfCore({ requests: 200, batches: 100, kilobytes: 4 }, one), 1_000_000 / (2 + 2 + 2))
})

t.test('the part that is full first is the bottleneck', async (t) => {
  const none = Object.fromEntries(Object.keys(FIGURES).map((figure) => [figure, {}])) as unknown as Model
  const model: Model = { ...none, api: { events: 5 }, worker: { events: 3 }, redis: { batches: 500 } }
  t.strictSame(bottleneckOf(model, amountsOf(TRAFFIC)), { part: 'redis', perSecond: 100_000 })
  t.strictSame(bottleneckOf(model, amountsOf(TRAFFIC), ['api', 'worker']), { part: 'api', perSecond: 200_000 })
  t.match(machinesFor({ ...model, memory: { kilobytes: 1_200, ids: 80 } }, TRAFFIC, 1_000_000, PLAN),
    { api: 10, worker: 6, redis: 20, backlogBytes: 600 * 1_000_000 * 300, idBytes: 40 * 1_000_000 * 60 })
})

t.test('costs are found again in measurements that follow the model', async () => {
  fc.assert(fc.property(fc.array(amounts, { minLength: 20, maxLength: 30 }), (others) => {
    const all = [...TERMS.map((term) => ({ ...others[0]!, [term]: 500 })), ...others]
      .filter((work) => Object.values(FIGURES).every((terms) => terms.some((term) => work[term] > 0)))
    const rows = all.map((work): Row => ({
      amounts: work,
      figures: Object.fromEntries(Object.keys(FIGURES).map((figure) => [figure, costOf(costs[figure as Figure], work)]))
    }))
    const model = fit(rows)
    return Object.entries(FIGURES).every(([figure, terms]) => terms.every((term) => {
      const [found, real] = [model[figure as Figure][term] ?? NaN, (costs[figure as Figure] as Record<string, number>)[term]!]
      return Math.abs(found - real) < 1e-3 * real
    }))
  }), { numRuns: 30 })
})

t.test('a row without a figure says nothing about it', async (t) => {
  const row: Row = { amounts: { ...amountsOf(TRAFFIC), events: 10 }, figures: { memory: 1_000 } }
  t.equal(Object.values(fit([row]).api).every((cost) => cost === 0), true)
})

t.test('longer events, smaller batches and more events never need fewer machines', async () => {
  const needs = (shape: Traffic, rate: number) => Object.values(machinesFor(costs, shape, rate, PLAN))
  fc.assert(fc.property(traffic, fc.integer({ min: 1, max: 1_000_000 }), (shape, rate) => {
    const present = needs(shape, rate)
    const isNoLess = (others: readonly number[]) => others.every((need, index) => need >= present[index]! * (1 - 1e-9))
    return isNoLess(needs({ ...shape, bytes: shape.bytes * 2 }, rate)) && isNoLess(needs(shape, rate * 2)) &&
      isNoLess(needs({ ...shape, eventsPerBatch: shape.eventsPerBatch / 2 }, rate)) &&
      isNoLess(needs({ ...shape, isDelivered: true, isSynced: true }, rate))
  }))
})
