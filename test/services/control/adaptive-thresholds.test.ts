import t from 'tap'
import fc from 'fast-check'
import { outOfOrder, type Thresholds } from '../../../services/admission/thresholds.ts'
import { mulberry32 } from '../../../rig/random.ts'
import { AdaptiveThresholds, type Target } from '../../../services/control/adaptive-thresholds.ts'

const OPERATOR: Thresholds = { recovery: 5_000, warning: 10_000, critical: 50_000, hardLimit: 1_000_000 }

/** The thresholds after these seconds, a tick a second. */
function after (
  seconds: number, target: Target | undefined, operator = OPERATOR, adaptive = new AdaptiveThresholds()
): Thresholds {
  let thresholds = adaptive.next(operator, target, 0, 0)
  for (let second = 0; second < seconds; second++) thresholds = adaptive.next(operator, target, 1_000, 0)
  return thresholds
}

t.test('come to the depth of the budget, within the bounds of the operator', async (t) => {
  const cases: [target: Target, critical: number][] = [
    [{ depth: 30_000, isMeasured: true, budgetMs: 30_000, inWork: 0 }, 30_000],
    [{ depth: 300_000, isMeasured: true, budgetMs: 30_000, inWork: 0 }, 300_000],
    [{ depth: 600, isMeasured: true, budgetMs: 30_000, inWork: 0 }, 600],
    [{ depth: 0, isMeasured: true, budgetMs: 30_000, inWork: 0 }, 50],
    [{ depth: Infinity, isMeasured: true, budgetMs: 30_000, inWork: 0 }, 900_000],
    [{ depth: 30_000, isMeasured: false, budgetMs: 30_000, inWork: 0 }, 30_000],
    [{ depth: Infinity, isMeasured: false, budgetMs: 30_000, inWork: 0 }, 50_000]
  ]
  for (const [target, critical] of cases) {
    const thresholds = after(120, target)
    t.ok(Math.abs(thresholds.critical / critical - 1) <= 0.061, `${JSON.stringify(target)}: ${thresholds.critical}`)
    t.equal(thresholds.hardLimit, OPERATOR.hardLimit)
    t.equal(thresholds.warning, Math.round(thresholds.critical * 0.5))
    t.equal(thresholds.hold, Math.round(thresholds.critical * 0.4))
    t.equal(thresholds.recovery, Math.round(thresholds.critical * 0.3))
  }
})

t.test('are those of the operator until there is evidence, then held without it', async (t) => {
  const adaptive = new AdaptiveThresholds()
  t.equal(after(60, undefined, OPERATOR, adaptive), OPERATOR)
  const last = after(60, { depth: 20_000, isMeasured: true, budgetMs: 30_000, inWork: 0 }, OPERATOR, adaptive)
  t.strictSame(after(3_600, undefined, OPERATOR, adaptive), last)
})

t.test('follow new bounds of the operator at once, with evidence or without', async (t) => {
  const adaptive = new AdaptiveThresholds()
  after(60, { depth: 20_000, isMeasured: true, budgetMs: 30_000, inWork: 0 }, OPERATOR, adaptive)
  t.equal(adaptive.next({ ...OPERATOR, hardLimit: 10_000 }, undefined, 100, 0).critical, 9_000)
  t.equal(adaptive.next({ ...OPERATOR, critical: 50_000_000, hardLimit: 90_000_000 }, undefined, 100, 0).critical, 50_000)
})

t.test('a hard limit that leaves no room for them keeps those of the operator', async (t) => {
  const tight = { recovery: 1, warning: 2, critical: 3, hardLimit: 4 }
  t.equal(after(10, { depth: 100, isMeasured: true, budgetMs: 30_000, inWork: 0 }, tight), tight)
})

const depths = fc.uniqueArray(fc.integer({ min: 1, max: 1_000_000_000 }), { minLength: 4, maxLength: 4 })
const operators = depths.map((values) => {
  const [recovery, warning, critical, hardLimit] = values.toSorted((a, b) => a - b) as [number, number, number, number]
  return { recovery, warning, critical, hardLimit }
})
const targets = fc.option(fc.record({
  depth: fc.oneof(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.constant(Infinity)), isMeasured: fc.boolean(),
  budgetMs: fc.integer({ min: 1, max: 86_400_000 }),
  inWork: fc.nat({ max: 10_000_000 })
}), { nil: undefined })
const elapsed = fc.integer({ min: 0, max: 60_000 })
const backlogs = fc.double({ min: 0, max: 2e9, noNaN: true })
const ticks = fc.array(fc.tuple(operators, targets, elapsed, backlogs), { minLength: 1, maxLength: 50 })

t.test('are always whole numbers in the order recovery < hold < warning < critical < hard limit', async () => {
  fc.assert(fc.property(ticks, (all) => {
    const adaptive = new AdaptiveThresholds()
    return all.every(([operator, target, elapsedMs, backlog]) => {
      const { recovery, hold = NaN, warning, critical, hardLimit } = adaptive.next(operator, target, elapsedMs, backlog)
      const values = Number.isNaN(hold)
        ? [recovery, warning, critical, hardLimit]
        : [recovery, hold, warning, critical, hardLimit]
      const areDepths = values.every((value) => Number.isInteger(value) && value > 0)
      return areDepths && outOfOrder(values).length === 0 && hardLimit === operator.hardLimit
    })
  }))
})

t.test('move by a fifth a second at most, towards the target and never beyond it', async () => {
  const within = fc.integer({ min: 500, max: 900_000 })
  fc.assert(fc.property(within, fc.integer({ min: 10, max: 5_000 }), (depth, elapsedMs) => {
    const adaptive = new AdaptiveThresholds()
    let last = OPERATOR.critical
    for (let tick = 0; tick < 200; tick++) {
      const { critical } = adaptive.next(OPERATOR, { depth, isMeasured: true, budgetMs: 30_000, inWork: 0 }, elapsedMs, 0)
      const isNearer = Math.abs(critical - depth) <= Math.abs(last - depth)
      const isOnSide = Math.sign(critical - depth) * Math.sign(OPERATOR.critical - depth) >= 0
      const step = Math.max(critical / last, last / critical)
      if (!isNearer || !isOnSide || step > 1 + 0.2 * Math.min(1, elapsedMs / 1_000) + 2 / last) return false
      last = critical
    }
    return true
  }))
})

t.test('noise of the estimate within the deadband changes nothing, and more of it makes no swing', async (t) => {
  for (const [noise, mostShare] of [[0.04, 0], [0.1, 0.15]] as const) {
    const random = mulberry32(1)
    const adaptive = new AdaptiveThresholds()
    after(60, { depth: 50_000, isMeasured: true, budgetMs: 30_000, inWork: 0 }, OPERATOR, adaptive)
    const seen: number[] = []
    const wanted: number[] = []
    for (let tick = 0; tick < 1_000; tick++) {
      const depth = 50_000 * (1 + noise * (2 * random() - 1))
      wanted.push(depth)
      seen.push(adaptive.next(OPERATOR, { depth, isMeasured: true, budgetMs: 30_000, inWork: 0 }, 100, 0).critical)
    }
    const way = (values: number[]) =>
      values.slice(1).reduce((total, value, index) => total + Math.abs(value - values[index]!), 0)
    const share = way(seen) / way(wanted)
    t.ok(share <= mostShare, `${share} of the movement of the target with noise of ${noise}`)
    const isWithin = Math.max(...seen) <= 50_000 * (1 + noise) && Math.min(...seen) >= 50_000 * (1 - noise)
    t.ok(isWithin, 'never beyond the noise')
  }
})

t.test('a fall to no less than half is no faster than workers empty the queue, a deeper one is', async (t) => {
  const fall = (budgetMs: number, depth: number) => {
    const adaptive = new AdaptiveThresholds()
    after(60, { depth: 50_000, isMeasured: true, budgetMs, inWork: 0 }, OPERATOR, adaptive)
    return adaptive.next(OPERATOR, { depth, isMeasured: true, budgetMs, inWork: 0 }, 1_000, 0).critical / 50_000
  }
  t.ok(fall(30_000, 30_000) >= 1 - 1 / 30, 'within the budget')
  t.ok(fall(300_000, 30_000) >= 1 - 1 / 300)
  t.ok(Math.abs(fall(30_000, 5_000) - 1 / 1.2) < 0.001)
  t.ok(Math.abs(fall(1_000, 30_000) - 1 / 1.2) < 0.001, 'but for a short budget no faster than that')
})

t.test('lie above the events in work, within the same bounds', async (t) => {
  const target = { depth: 1_000, isMeasured: true, budgetMs: 300, inWork: 2_560 }
  const none = after(120, { ...target, inWork: 0 })
  const { recovery, hold = 0, warning, critical } = after(120, target)
  const above = [recovery - none.recovery, hold - (none.hold ?? 0), warning - none.warning, critical - none.critical]
  t.strictSame(above, [2_560, 2_560, 2_560, 2_560])
  t.equal(after(120, { ...target, inWork: 5_000_000 }).critical, 900_000)
  t.equal(after(120, { ...target, inWork: 5_000_000, isMeasured: false }).critical, 50_000)
})

t.test('do not flicker with the events in work', async (t) => {
  const adaptive = new AdaptiveThresholds()
  const at = (inWork: number) =>
    adaptive.next(OPERATOR, { depth: 1_000, isMeasured: true, budgetMs: 30_000, inWork }, 100, 0).critical
  after(120, { depth: 1_000, isMeasured: true, budgetMs: 30_000, inWork: 500 }, OPERATOR, adaptive)
  const seen = Array.from({ length: 100 }, (_, tick) => at(tick % 2 === 0 ? 1_000 : 0))
  t.ok(Math.max(...seen) - Math.min(...seen) < 20)
})

t.test('do not fall onto the depth, but come down with it, while the hold falls at once', async (t) => {
  const adaptive = new AdaptiveThresholds()
  const of = (depth: number): Target => ({ depth, isMeasured: true, budgetMs: 30_000, inWork: 0 })
  after(120, of(50_000), OPERATOR, adaptive)
  const slow = { ...of(1_000) }
  for (let second = 0; second < 60; second++) {
    const depth = 20_000
    const { hold, warning, critical } = adaptive.next(OPERATOR, slow, 1_000, depth)
    t.ok(critical > depth && warning > depth, `${warning} and ${critical} after ${second} s`)
    if (second === 59) t.ok(hold! < 500, 'normal events are refused meanwhile')
  }
  t.equal(adaptive.next(OPERATOR, slow, 1_000, 20_000).critical, 25_000)
  t.equal(adaptive.next(OPERATOR, slow, 1_000, 24_000).critical, 25_000, 'a depth that rises takes none along')
  t.equal(adaptive.next(OPERATOR, slow, 1_000, 10_000).critical, 12_500)
  const { warning, critical } = adaptive.next(OPERATOR, slow, 1_000, 0)
  t.ok(critical < 1_100 && warning < 550)
})
