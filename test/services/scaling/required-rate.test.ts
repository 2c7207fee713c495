import t from 'tap'
import fc from 'fast-check'
import { PRIORITY_CLASSES, type PriorityClass } from '../../../services/admission/priority-class.ts'
import { byClass } from '../../../services/control/wait.ts'
import { drainTargets, requiredRate } from '../../../services/scaling/required-rate.ts'

type Three = [critical: number, normal: number, low: number]

const of = ([critical, normal, low]: Three) => ({ critical, normal, low })
const BUDGETS = of([2_000, 30_000, 300_000])
const TARGETS = drainTargets(BUDGETS, 120_000)

t.test('a backlog may use up half of its budget, but no less than a look of an autoscaler', async (t) => {
  t.strictSame(TARGETS, { critical: 15_000, normal: 15_000, low: 120_000 })
  t.strictSame(drainTargets(of([60_000, 90_000, 300_000]), 120_000), { critical: 30_000, normal: 45_000, low: 120_000 })
  t.strictSame(drainTargets(BUDGETS, 1_000), { critical: 1_000, normal: 1_000, low: 1_000 }, 'and no longer than all may')
})

t.test('asks for the arrivals and the backlog of the class that needs the most, with those before it', async (t) => {
  const table: [arrivals: Three, waiting: Three, perSecond: number, until: PriorityClass][] = [
    [[0, 0, 0], [0, 0, 0], 0, 'low'],
    [[5, 55, 40], [0, 0, 0], 100, 'low'],
    [[5, 55, 40], [0, 0, 1_200], 110, 'low'],
    [[5, 55, 40], [0, 1_200, 0], 140, 'normal'],
    [[5, 55, 40], [0, 300, 0], 102.5, 'low'],
    [[5, 55, 40], [1_500, 0, 0], 160, 'normal'],
    [[5, 0, 0], [1_500, 0, 0], 105, 'normal'],
    [[0, 0, 40], [0, 150, 1_200], 51.25, 'low']
  ]
  for (const [arrivals, waiting, perSecond, until] of table) {
    t.strictSame(requiredRate({ arrivalRate: of(arrivals), waiting: of(waiting) }, TARGETS), { perSecond, until })
  }
})

const rates = fc.record({
  critical: fc.nat({ max: 1_000 }), normal: fc.nat({ max: 1_000 }), low: fc.nat({ max: 1_000 })
})

t.test('more arrivals, more backlog or less time never ask for less', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(rates, rates, rates, rates, (arrivalRate, waiting, arrivals, backlog) => {
    const plus = (one: typeof rates extends fc.Arbitrary<infer R> ? R : never, other: typeof one) =>
      byClass((name) => one[name] + other[name])
    const { perSecond } = requiredRate({ arrivalRate, waiting }, TARGETS)
    return requiredRate({ arrivalRate: plus(arrivalRate, arrivals), waiting }, TARGETS).perSecond >= perSecond &&
      requiredRate({ arrivalRate, waiting: plus(waiting, backlog) }, TARGETS).perSecond >= perSecond &&
      requiredRate({ arrivalRate, waiting }, drainTargets(BUDGETS, 60_000)).perSecond >= perSecond
  })))
})

t.test('with the required rate, the backlog down to each class is processed in the time for it', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(rates, rates, (arrivalRate, waiting) => {
    const { perSecond } = requiredRate({ arrivalRate, waiting }, TARGETS)
    let [arrivals, backlog] = [0, 0]
    return PRIORITY_CLASSES.every((name) => {
      arrivals += arrivalRate[name]
      backlog += waiting[name]
      return backlog - (perSecond - arrivals) * TARGETS[name] / 1_000 <= 1e-6 * (1 + backlog)
    })
  })))
})
