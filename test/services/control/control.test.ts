import t from 'tap'
import { nextCircuitState } from '../../../services/admission/circuit.ts'
import type { Thresholds } from '../../../services/admission/thresholds.ts'
import { Capacity, type CapacityEstimate } from '../../../services/control/capacity.ts'
import { Control, type ControlReading, type ControlSettings } from '../../../services/control/control.ts'
import { flow, type Moment, type World } from './flow.ts'

const OPERATOR = { recovery: 5_000, warning: 10_000, critical: 50_000, hardLimit: 1_000_000 }
const BUDGET_MS = 30_000

const byPriority = (values: Record<number, number>) =>
  Array.from({ length: 11 }, (_, priority) => values[priority] ?? 0)
const NO_AGES = byPriority({}).map(() => null)
const reading = (more: Partial<ControlReading> = {}): ControlReading => ({
  redisTimeMs: 0, depthByPriority: byPriority({ 1: 100, 4: 500, 9: 2_000 }), oldestWaitingMsByPriority: NO_AGES,
  activeByPriority: byPriority({}), control: {}, ...more
})
const arrivals = byPriority({ 1: 20, 2: 30 })
const ages = (normalMs: number) => NO_AGES.map((_, priority) => priority === 4 ? normalMs : null)

const MEASURED: CapacityEstimate = {
  perSecond: 133.33, safePerSecond: 120, evidence: 'busy', isMeasured: true, ageMs: 100
}
const HELD: CapacityEstimate = { ...MEASURED, evidence: 'held' }
const NONE: CapacityEstimate = {
  perSecond: undefined, safePerSecond: undefined, evidence: 'none', isMeasured: false, ageMs: undefined
}

const settingsOf = (isAdaptive: boolean, isSmooth = false, sampling: 'off' | 'low' = 'off'): ControlSettings => ({
  thresholds: isAdaptive ? 'adaptive' : 'static', shedding: isSmooth ? 'smooth' : 'cliff', sampling,
  fairness: 'off',
  budgetsMs: { critical: 2_000, normal: BUDGET_MS, low: 300_000 }
})

/** A capacity that stays. */
const capacityOf = (estimate: CapacityEstimate) => ({ estimate, learned: undefined, join: () => {} })

function controlOf (estimate: CapacityEstimate, isAdaptive = true, isSmooth = false, sampling?: 'off' | 'low') {
  const told: (readonly string[])[] = []
  const control = new Control({
    capacity: capacityOf(estimate),
    settings: () => settingsOf(isAdaptive, isSmooth, sampling),
    onUnderestimated: (classes) => told.push(classes)
  })
  return { control, told }
}
function stateOf (estimate: CapacityEstimate, more?: Partial<ControlReading>, rates = arrivals) {
  const { control } = controlOf(estimate, false)
  control.observe(reading(more), rates, OPERATOR)
  return control.state
}
const NO_SHARES = {
  shedShare: 0,
  shedShareByClass: { critical: 0, normal: 0, low: 0 },
  keptShareByClass: { critical: 1, normal: 1, low: 1 }
}
const NOTHING = { critical: null, normal: null, low: null }

t.test('shows waits from the safe capacity, or the age of the oldest event if that is more', async (t) => {
  t.strictSame(stateOf(MEASURED), {
    capacityPerSecond: 133.3,
    evidence: 'busy',
    evidenceAgeMs: 100,
    waitMs: { critical: 833, normal: 6_000, low: 37_143 },
    timeToEmptyMs: { critical: 1_000, normal: 8_571, low: 37_143 },
    ...NO_SHARES
  })
  const { waitMs } = stateOf(MEASURED, { oldestWaitingMsByPriority: ages(9_000) })
  t.strictSame(waitMs, { critical: 833, normal: 9_000, low: 37_143 })
})

t.test('shows null for what is unknown, and for what does not end', async (t) => {
  t.strictSame(stateOf(NONE), {
    capacityPerSecond: null, evidence: 'none', evidenceAgeMs: null, waitMs: NOTHING, timeToEmptyMs: NOTHING, ...NO_SHARES
  })
  const starving = stateOf(MEASURED, {}, byPriority({ 1: 20, 2: 100 }))
  t.strictSame(starving.waitMs, { critical: 833, normal: 6_000, low: null })
  t.equal(stateOf({ ...MEASURED, perSecond: Infinity, safePerSecond: Infinity }).capacityPerSecond, null)
})

t.test('proves a capacity only while readings are evidence of it', async (t) => {
  const proven = (estimate: CapacityEstimate) => controlOf(estimate, false).control.provenPerSecond
  t.equal(proven(MEASURED), 133.33)
  for (const estimate of [HELD, NONE, { ...MEASURED, perSecond: Infinity }]) t.equal(proven(estimate), undefined)
})

t.test('of a queue that cannot be read, the capacity alone is known', async (t) => {
  const { control } = controlOf(MEASURED)
  control.observe(reading(), arrivals, OPERATOR)
  control.lose()
  t.match(control.state, { capacityPerSecond: 133.3, waitMs: NOTHING, timeToEmptyMs: NOTHING })
})

t.test('sheds a share only if it is to, and shows it', async (t) => {
  const balance = (second: number) => ({
    redisTimeMs: second * 1_000, depthByPriority: byPriority({ 9: 900 * second }), done: 100 * second, dead: 0, expired: 0,
    enqueuedByPriority: byPriority({ 9: 1_000 * second }),
    ledger: { admission: { critical: { received: 0 }, normal: { received: 0 }, low: { received: 1_000 * second } } }
  })
  for (const isSmooth of [true, false]) {
    const { control } = controlOf(NONE, false, isSmooth)
    const thresholds = { ...OPERATOR, critical: 2_000 }
    const [before, after] = [0, 1].map((second) => control.relieve(balance(second), thresholds, 'CLOSED').shedding)
    t.strictSame([before?.shares.low, after?.shares.low], isSmooth ? [0, 0.352] : [undefined, undefined])
    t.match(control.state, { shedShare: isSmooth ? 0.352 : 0, shedShareByClass: { low: isSmooth ? 0.352 : 0 } })
  }
})

t.test('keeps a sample only if it is to, and shows it', async (t) => {
  const full = {
    redisTimeMs: 0, depthByPriority: byPriority({ 9: 30_000 }), done: 0, dead: 0, expired: 0,
    enqueuedByPriority: byPriority({}),
    ledger: { admission: { critical: { received: 0 }, normal: { received: 0 }, low: { received: 0 } } }
  }
  for (const [sampling, low] of [[undefined, 1], ['off', 1], ['low', 0.5]] as const) {
    const { control } = controlOf(NONE, false, false, sampling)
    control.relieve(full, OPERATOR, 'CLOSED')
    t.match(control.state.keptShareByClass, { critical: 1, normal: 1, low })
  }
})

t.test('leaves the thresholds of the operator alone unless they are to adapt and there is evidence', async (t) => {
  for (const [estimate, isAdaptive] of [[MEASURED, false], [NONE, true], [HELD, true]] as const) {
    const { control, told } = controlOf(estimate, isAdaptive)
    for (let second = 0; second < 60; second++) {
      const late = reading({ redisTimeMs: second * 1_000, oldestWaitingMsByPriority: ages(second * 1_000) })
      if (control.observe(late, arrivals, OPERATOR) !== OPERATOR) t.fail(`in second ${second}, ${estimate.evidence}`)
    }
    t.strictSame(told, [])
  }
})

t.test('tells at most every 30 s which classes wait far longer than predicted', async (t) => {
  const { control, told } = controlOf(MEASURED)
  control.observe(reading(), arrivals, OPERATOR)
  for (let second = 1; second <= 60; second++) {
    const late = reading({ redisTimeMs: second * 1_000, oldestWaitingMsByPriority: ages(second * 1_000) })
    control.observe(late, arrivals, OPERATOR)
  }
  t.strictSame(told, [['normal'], ['normal']])
})

t.test('operators switch each part while it runs: thresholds do not jump, and what was learned stays', async (t) => {
  let settings = settingsOf(false)
  const control = new Control({ capacity: capacityOf(MEASURED), settings: () => settings, onUnderestimated: () => {} })
  let second = 0
  const tick = () => control.observe(reading({ redisTimeMs: ++second * 1_000 }), arrivals, OPERATOR)
  const after = (seconds: number) => Array.from({ length: seconds }, tick)
  const jumps = (moments: readonly Thresholds[], from: Thresholds) => moments.filter(({ critical }, index) => {
    const factor = critical / (moments[index - 1] ?? from).critical
    return factor > 1.201 || factor < 1 / 1.201
  })
  t.equal(tick(), OPERATOR)
  settings = settingsOf(true)
  const down = after(60)
  t.strictSame(jumps(down, OPERATOR), [])
  const learned = down.at(-1)!
  t.ok(learned.critical < 4_000 && learned.hold! < learned.warning, `${learned.critical}`)
  settings = settingsOf(false)
  const up = after(60)
  t.strictSame(jumps(up, learned), [])
  t.equal(up.at(-1), OPERATOR)
  settings = settingsOf(true)
  const again = after(60)
  t.strictSame(jumps(again, OPERATOR), [])
  t.equal(again.at(-1)!.critical, learned.critical, 'it has not forgotten')
})

t.test('smooth shedding begins without pressure each time that it is switched on', async (t) => {
  let settings = settingsOf(false, true)
  const control = new Control({ capacity: capacityOf(NONE), settings: () => settings, onUnderestimated: () => {} })
  let second = 0
  const tick = () => control.relieve({
    redisTimeMs: ++second * 1_000, depthByPriority: byPriority({ 9: 2_000 }), done: 0, dead: 0, expired: 0,
    enqueuedByPriority: byPriority({ 9: 1_000 * second }),
    ledger: { admission: { critical: { received: 0 }, normal: { received: 0 }, low: { received: 1_000 * second } } }
  }, { ...OPERATOR, critical: 2_000 }, 'CLOSED').shedding?.shares.low
  const threeTicks = () => Array.from({ length: 3 }, tick)
  const before = threeTicks()
  t.ok(before[2]! > 0.5, `${before[2]}`)
  settings = settingsOf(false)
  t.strictSame(threeTicks(), [undefined, undefined, undefined])
  t.equal(control.state.shedShare, 0)
  settings = settingsOf(false, true)
  t.strictSame(threeTicks(), before)
})

type Offered = Omit<World, 'operator' | 'control' | 'capacity'>

function run (world: Offered, operator = OPERATOR, isAdaptive = true): Moment[] {
  const capacity = new Capacity()
  const control = new Control({ capacity, settings: () => settingsOf(isAdaptive), onUnderestimated: () => {} })
  return flow({ ...world, operator, capacity, control })
}
const worstWait = (moments: Moment[], from: number) =>
  Math.max(...moments.map(({ second, isNormalAdmitted, normalWait }) =>
    second > from && isNormalAdmitted ? normalWait : 0
  ))
const flips = (moments: Moment[], from: number) =>
  moments.filter(({ second, circuit }, index) => second > from && circuit !== moments[index - 1]?.circuit).length

t.test('whatever the consumer sustains, a normal event that is admitted waits within its budget', async (t) => {
  for (const perSecond of [30, 300, 3_000, 30_000]) {
    const offered = [perSecond * 0.1, perSecond * 2, perSecond] as const
    const world = { offered, capacityAt: () => perSecond, seconds: 600 }
    const moments = run(world)
    const worst = worstWait(moments, 200)
    t.ok(worst <= BUDGET_MS / 1_000, `${worst} s at ${perSecond} per second`)
    const share = moments.at(-1)!.thresholds.critical / (perSecond * 0.9 * BUDGET_MS / 1_000)
    t.ok(share > 0.9 && share < 1.06, `${share} of the depth of the budget at ${perSecond} per second`)
  }
  const fixed = run({ offered: [3, 60, 30], capacityAt: () => 30, seconds: 1_800 }, OPERATOR, false)
  t.ok(worstWait(fixed, 200) > 1_000, 'where static thresholds let it wait for a quarter of an hour')
})

t.test('a consumer that becomes five times slower is followed, and five times faster too', async (t) => {
  const moments = run({
    offered: [10, 600, 300], capacityAt: (second) => second < 300 ? 300 : second < 900 ? 60 : 300, seconds: 1_500
  })
  const critical = (at: number) => moments.find(({ second }) => second >= at)!.thresholds.critical
  t.ok(Math.abs(critical(299) / (30 * 290) - 1) < 0.12, `${critical(299)}`)
  t.ok(Math.abs(critical(899) / (30 * 50) - 1) < 0.2, `${critical(899)}`)
  t.ok(Math.abs(critical(1_499) / (30 * 290) - 1) < 0.12, `${critical(1_499)}`)
  // The backlog of the fast consumer has to go first.
  t.ok(worstWait(moments.filter(({ second }) => second < 900), 500) <= 33)
})

t.test('a consumer that swings makes the circuit swing no more than under thresholds that stay', async (t) => {
  for (const period of [1, 10, 20, 60]) {
    const world = {
      offered: [10, 600, 0] as const,
      capacityAt: (second: number) => 301 + 150 * Math.sign(Math.sin(2 * Math.PI * second / period)),
      seconds: 900
    }
    const moments = run(world)
    const { thresholds } = moments.at(-1)!
    const [moving, fixed] = [flips(moments, 200), flips(run(world, thresholds, false), 200)]
    t.ok(moving <= fixed * 1.2 + 2, `${moving} flips at ${period} s against ${fixed} around ${thresholds.critical}`)
    const levels = moments.filter(({ second }) => second > 200).map(({ thresholds: { critical } }) => critical)
    const spread = Math.max(...levels) / Math.min(...levels)
    // The estimate is right to follow a swing that is longer than the minute it remembers.
    t.ok(spread < (period < 60 ? 1.5 : 3.1), `the threshold moves by ${spread}`)
  }
})

t.test('the thresholds keep the circuit from opening and closing at the same depth', async (t) => {
  const { thresholds } = run({ offered: [1, 600, 0], capacityAt: () => 300, seconds: 120 }).at(-1)!
  t.equal(nextCircuitState('OPEN', thresholds.critical - 1, thresholds), 'OPEN')
  t.equal(nextCircuitState('HALF_OPEN', thresholds.recovery, thresholds), 'HALF_OPEN')
  t.equal(nextCircuitState('HALF_OPEN', thresholds.warning, thresholds), 'OPEN')
})

t.test('a clock that was set back does not silence what is told of waits', async (t) => {
  const { control, told } = controlOf(MEASURED)
  for (const start of [3_600, 0]) {
    for (let second = start; second <= start + 20; second++) {
      const late = reading({ redisTimeMs: second * 1_000, oldestWaitingMsByPriority: ages((second - start) * 1_000) })
      control.observe(late, arrivals, OPERATOR)
    }
  }
  t.strictSame(told, [['normal'], ['normal']])
})

t.test('takes no difference over the time in which the queue could not be read', async (t) => {
  const { control } = controlOf(NONE, false, true)
  const balance = (second: number, events: number) => ({
    redisTimeMs: second * 1_000, depthByPriority: byPriority({ 9: events }), done: 0, dead: 0, expired: 0,
    enqueuedByPriority: byPriority({ 9: events }),
    ledger: { admission: { critical: { received: 0 }, normal: { received: 0 }, low: { received: events } } }
  })
  control.relieve(balance(0, 0), OPERATOR, 'CLOSED')
  control.lose()
  t.equal(control.relieve(balance(1, 90_000), OPERATOR, 'CLOSED').shedding?.shares.low, 0)
})

t.test('says when a waiting event begins from present evidence alone', async (t) => {
  const startsIn = (estimate: CapacityEstimate, more: Partial<ControlReading> = {}) => {
    const { control } = controlOf(estimate, false)
    control.observe(reading(more), arrivals, OPERATOR)
    return control.startsInMs(4, 0)
  }
  t.equal(startsIn(MEASURED), 600 / (120 - 50) * 1_000)
  t.equal(startsIn(MEASURED, { activeByPriority: byPriority({ 1: 100, 4: 150 }) }), 5_000, 'without those in work')
  t.equal(startsIn(HELD), undefined, 'nobody works')
  t.equal(startsIn(NONE), undefined, 'nobody has worked')
  t.equal(startsIn({ ...MEASURED, safePerSecond: 40 }), undefined, 'better events take all')
  t.equal(startsIn({ ...MEASURED, safePerSecond: 50 + 1e-12 }), undefined, 'better events take all but nothing')
  t.equal(controlOf(MEASURED).control.startsInMs(4, 0), undefined, 'the queue was never read')
})
