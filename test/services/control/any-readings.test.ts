import t from 'tap'
import fc from 'fast-check'
import { CIRCUIT_STATES } from '../../../services/admission/circuit.ts'
import { PRIORITY_CLASSES } from '../../../services/admission/priority-class.ts'
import { outOfOrder } from '../../../services/admission/thresholds.ts'
import { Capacity } from '../../../services/control/capacity.ts'
import { Control } from '../../../services/control/control.ts'
import type { ControlState } from '../../../services/control/control-state.ts'
import { ForecastLoop } from '../../../services/control/forecast-loop.ts'

/*
 * Readings as Redis can give them: counts start again after FLUSHALL, its clock is set, samples come late or twice,
 * and workers finish events between two samples without a slot ever seen in use.
 */
const OPERATOR = { recovery: 5_000, warning: 10_000, critical: 50_000, hardLimit: 1_000_000 }

const few = fc.constantFrom(0, 1, 5, 128, 10_000)
const many = fc.oneof(few, fc.nat({ max: 1_000_000 }), fc.constant(Number.MAX_SAFE_INTEGER))
const elapsed = fc.oneof(
  fc.constantFrom(0, 1, 100, 250, 1_000, 2_000, 2_500, 10_000, 29_999, 30_001, -1, -3_600_000, 86_400_000)
)
const seldom = fc.integer({ min: 0, max: 9 }).map((draw) => draw === 9)
const step = fc.record({
  elapsedMs: elapsed,
  arrived: few,
  done: few,
  completedShare: fc.constantFrom(0, 0.5, 1),
  depth: many,
  inWork: few,
  workers: fc.constantFrom(1, 1, 1, 3, 0),
  takenSlots: fc.constantFrom(0, 1, 20, 60),
  isPaused: seldom,
  isFlushed: seldom,
  isLost: seldom,
  ageMs: fc.option(many, { nil: null }),
  priority: fc.constantFrom(1, 4, 9),
  circuit: fc.constantFrom(...CIRCUIT_STATES)
})
const samplings = fc.constantFrom('off' as const, 'low' as const, 'low-and-normal' as const)
const steps = fc.array(step, { minLength: 1, maxLength: 40 })

const byPriority = (values: Record<number, number>) =>
  Array.from({ length: 11 }, (_, priority) => values[priority] ?? 0)

const isShare = (share: number) => share >= 0 && share <= 1
const isKnownOrNull = (value: number | null) => value === null || (Number.isFinite(value) && value >= 0)

function isSound ({ capacityPerSecond, evidenceAgeMs, waitMs, timeToEmptyMs, ...shares }: ControlState): boolean {
  const numbers = [capacityPerSecond, evidenceAgeMs, ...PRIORITY_CLASSES.flatMap((name) =>
    [waitMs[name], timeToEmptyMs[name]])]
  const all = [shares.shedShare, ...PRIORITY_CLASSES.flatMap((name) =>
    [shares.shedShareByClass[name], shares.keptShareByClass[name]])]
  return numbers.every(isKnownOrNull) && all.every(isShare)
}

t.test('no readings make a threshold, a share or a figure that is no number', async () => {
  fc.assert(fc.property(steps, fc.boolean(), samplings, (all, isFast, sampling) => {
    const capacity = new Capacity()
    const forecast = new ForecastLoop({ stepSeconds: 1, onAct: () => {}, onSettled: () => {} })
    const control = new Control({
      capacity,
      settings: () => ({
        thresholds: 'adaptive', shedding: 'smooth', sampling, fairness: 'off',
        budgetsMs: { critical: 2_000, normal: 30_000, low: 300_000 }
      }),
      onUnderestimated: () => {}
    })
    let at = 1_700_000_000_000
    let counts = { arrived: 0, done: 0, completed: 0 }
    return all.every((each) => {
      at += each.elapsedMs
      counts = each.isFlushed
        ? { arrived: 0, done: 0, completed: 0 }
        : {
            arrived: counts.arrived + each.arrived, done: counts.done + each.done,
            completed: counts.completed + each.done * each.completedShare
          }
      if (each.isLost) {
        capacity.lose()
        control.lose()
        forecast.lose()
      }
      capacity.observe({
        at, arrived: counts.arrived, worked: counts.done, completed: counts.completed,
        waiting: Math.max(0, each.depth - each.inWork), inWork: each.inWork, workers: each.workers,
        slots: each.workers * 20, takenSlots: isFast ? 0 : each.takenSlots, isPaused: each.isPaused, isHeldUp: false
      })
      const reading = {
        redisTimeMs: at,
        depthByPriority: byPriority({ [each.priority]: each.depth }),
        activeByPriority: byPriority({ [each.priority]: each.inWork }),
        enqueuedByPriority: byPriority({ [each.priority]: counts.arrived }),
        oldestWaitingMsByPriority: byPriority({}).map((_, priority) => priority === each.priority ? each.ageMs : null),
        done: counts.completed,
        dead: counts.done - counts.completed,
        expired: 0,
        control: {},
        ledger: { admission: {
          critical: { received: 0 }, normal: { received: counts.arrived }, low: { received: counts.arrived }
        } }
      }
      const thresholds = control.observe(reading, byPriority({ [each.priority]: each.arrived }), OPERATOR)
      const { recovery, warning, critical, hold = critical, hardLimit } = thresholds
      const depths = [recovery, warning, critical, hardLimit]
      const { shedding, kept } = control.relieve(reading, thresholds, each.circuit)
      const { safePerSecond, perSecond } = capacity.estimate
      const { preShed, arrivalsAhead } = forecast.observe({
        at, depth: each.depth, inWork: each.inWork, arrived: counts.arrived, refused: counts.done,
        lowOffered: counts.arrived, capacityPerSecond: safePerSecond, wouldWorkersHelp: !each.isPaused, limit: critical,
        isLowSampled: each.isPaused, worked: counts.done, workers: each.workers
      })
      return depths.every((depth) => depth > 0) && outOfOrder(depths).length === 0 &&
        recovery < hold && hold <= critical && isSound(control.state) &&
        [perSecond, safePerSecond].every((rate) => rate === undefined || rate >= 0) &&
        PRIORITY_CLASSES.every((name) => isShare(shedding?.shares[name] ?? 0) && isShare(kept?.[name] ?? 1)) &&
        isShare(preShed?.share ?? 0) && arrivalsAhead >= 0 &&
        forecast.depths.every(({ depth, low, high }) => depth >= 0 && (low ?? 0) >= 0 && (high ?? 0) >= 0)
    })
  }), { numRuns: 150 })
})
