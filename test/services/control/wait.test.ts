import t from 'tap'
import fc from 'fast-check'
import { PRIORITY_CLASSES, type PriorityClass } from '../../../services/admission/priority-class.ts'
import { depthWithin, startMs, timeToEmptyMs, waitMs, type Flow } from '../../../services/control/wait.ts'

const byClass = (critical: number, normal: number, low: number) => ({ critical, normal, low })

t.test('a new event waits for all that goes before it and comes before it meanwhile', async (t) => {
  const cases: [title: string, flow: Flow, waits: ReturnType<typeof byClass>, empty: ReturnType<typeof byClass>][] = [
    [
      'an empty queue',
      { backlog: byClass(0, 0, 0), arrivalRate: byClass(1, 1, 1), capacity: 10 }, byClass(0, 0, 0), byClass(0, 0, 0)
    ],
    [
      'a backlog of each',
      { backlog: byClass(10, 20, 30), arrivalRate: byClass(0, 0, 0), capacity: 10 },
      byClass(1_000, 3_000, 6_000), byClass(1_000, 3_000, 6_000)
    ],
    [
      'arrivals of each',
      { backlog: byClass(10, 20, 30), arrivalRate: byClass(5, 3, 1), capacity: 10 },
      byClass(1_000, 6_000, 30_000), byClass(2_000, 15_000, 60_000)
    ],
    [
      'critical events alone take all',
      { backlog: byClass(10, 0, 0), arrivalRate: byClass(10, 0, 0), capacity: 10 },
      byClass(1_000, Infinity, Infinity), byClass(Infinity, Infinity, Infinity)
    ],
    [
      'no capacity',
      { backlog: byClass(0, 0, 1), arrivalRate: byClass(0, 0, 0), capacity: 0 },
      byClass(Infinity, Infinity, Infinity), byClass(0, 0, Infinity)
    ],
    [
      'work that takes no time',
      { backlog: byClass(10, 10, 10), arrivalRate: byClass(5, 5, 5), capacity: Infinity },
      byClass(0, 0, 0), byClass(0, 0, 0)
    ]
  ]
  for (const [title, flow, waits, empty] of cases) {
    t.strictSame(waitMs(flow), waits, title)
    t.strictSame(timeToEmptyMs(flow), empty, title)
  }
})

const rate = fc.double({ min: 0, max: 40, noNaN: true })
const events = fc.integer({ min: 0, max: 2_000 })
const flows = fc.record({
  backlog: fc.record({ critical: events, normal: events, low: events }),
  arrivalRate: fc.record({ critical: rate, normal: rate, low: rate }),
  capacity: fc.double({ min: 100, max: 1_000, noNaN: true })
})

t.test('a worse class never waits less, more load never shortens a wait, more capacity never lengthens it', async () => {
  fc.assert(fc.property(flows, flows, (flow, more) => {
    const waits = waitMs(flow)
    const added = waitMs({
      ...flow, backlog: sums(flow.backlog, more.backlog), arrivalRate: sums(flow.arrivalRate, more.arrivalRate)
    })
    const faster = waitMs({ ...flow, capacity: flow.capacity + more.capacity })
    return waits.critical <= waits.normal && waits.normal <= waits.low &&
      PRIORITY_CLASSES.every((name) => added[name] >= waits[name] && faster[name] <= waits[name])
  }))
})

t.test('the depth of a budget is the one at which a new event waits for as long as the budget', async () => {
  const budgets = fc.integer({ min: 1, max: 300_000 })
  fc.assert(fc.property(flows, budgets, fc.constantFrom(...PRIORITY_CLASSES), (flow, budgetMs, name) => {
    const depth = depthWithin(budgetMs, name, flow)
    // However the depth is spread over the class and those before it.
    const spreads = PRIORITY_CLASSES.slice(0, PRIORITY_CLASSES.indexOf(name) + 1)
    return spreads.every((holder) => {
      const backlog = { ...byClass(0, 0, 0), [holder]: depth }
      return Math.abs(waitMs({ ...flow, backlog })[name] / budgetMs - 1) < 1e-9
    })
  }))
})

t.test('there is no depth that keeps the budget of a class that starves', async (t) => {
  t.equal(depthWithin(30_000, 'normal', { arrivalRate: byClass(11, 0, 0), capacity: 10 }), 0)
})

t.test('agrees with a queue that is served event by event, best class first', async () => {
  fc.assert(fc.property(flows, fc.constantFrom(...PRIORITY_CLASSES), (flow, name) => {
    const measured = served(flow, name)
    const predicted = waitMs(flow)[name] / 1_000
    // An event that is in work is not interrupted, and arrivals come one at a time.
    return Math.abs(measured - predicted) <= 0.02 * predicted + 6 / (flow.capacity - 80)
  }), { numRuns: 200 })
})

/** Seconds that an event waits which comes now as the last one of its class. */
function served ({ backlog, arrivalRate, capacity }: Flow, name: PriorityClass): number {
  const own = PRIORITY_CLASSES.indexOf(name)
  const queued: number[] = PRIORITY_CLASSES.slice(0, own + 1).map((each) => backlog[each])
  const rates = PRIORITY_CLASSES.slice(0, own).map((each) => arrivalRate[each])
  const came = rates.map(() => 0)
  for (let now = 0; ; now += 1 / capacity) {
    for (const [index, perSecond] of rates.entries()) {
      const arrived = Math.floor(perSecond * now)
      queued[index]! += arrived - came[index]!
      came[index] = arrived
    }
    const next = queued.findIndex((count) => count > 0)
    if (next === -1) return now
    queued[next]!--
  }
}

function sums (one: Flow['backlog'], other: Flow['backlog']) {
  return byClass(one.critical + other.critical, one.normal + other.normal, one.low + other.low)
}

t.test('a waiting event begins after those before it, and the better ones that come meanwhile', async (t) => {
  const line = {
    waiting: [0, 10, 0, 0, 0, 40, 100],
    oldestMs: [null, 500, null, null, null, 8_000, 20_000],
    arrivalRate: [0, 2, 0, 0, 0, 3, 9],
    capacity: 12
  }
  const table: [claim: string, priority: number, ageMs: number, ms: number][] = [
    ['the oldest of the best priority', 1, 500, 0],
    ['the newest of the best priority', 1, 0, 10 / 12 * 1_000],
    ['the oldest of a worse one', 5, 8_000, 1_000],
    ['one in the middle', 5, 4_000, 3_000],
    ['the newest one', 5, 0, 5_000],
    ['one that is older than the last reading says', 5, 9_000, 1_000],
    ['one of a priority that nobody waits at', 3, 0, 1_000]
  ]
  for (const [claim, priority, ageMs, ms] of table) t.equal(startMs(priority, ageMs, line), ms, claim)
  t.equal(startMs(5, 0, { ...line, capacity: 2 }), Infinity, 'better events take all that workers can do')
})
