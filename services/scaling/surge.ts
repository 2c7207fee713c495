/*
 * Workers for arrivals that have just jumped. Until new workers are there, the present ones process what they can, and
 * the backlog grows:
 *
 *   backlog ahead = Q + (λ - rate of the live workers) x (L - t) + (λ - rate of the asked workers) x t
 *   workers       = (λ + backlog ahead / D) / rate of one worker       if the backlog ahead uses up half of the budget D
 *
 * L is the horizon, and t the time for which more workers have been asked for than there are: those come at t = L. So
 * the number does not grow with each second in which the backlog grows as predicted.
 *
 * The fluid approximation of a queue, as in Newell, Applications of Queueing Theory, 1982. It says nothing of chance,
 * which is small beside a jump.
 */
import type { ByClass } from '../control/wait.ts'

/** A look of an autoscaler every 15 s, and the start of a worker. A forecast for this time exists. */
export const HORIZON_MS = 60_000

/** A backlog ahead that uses up less of the budget needs no haste. */
const SHARE_OF_BUDGET = 0.5

export interface Surge {
  /** Events per second that arrive now. */
  readonly arrivalRate: ByClass
  readonly waiting: ByClass
  readonly budgetsMs: ByClass
  /** Events per second of one worker. */
  readonly ratePerWorker: number
  readonly liveWorkers: number
  /** The number that has been asked for so far. */
  readonly askedWorkers: number
  /** How long it has exceeded the live ones, in milliseconds. */
  readonly askedForMs: number
}

/** Returns the workers for a surge, as a quotient; 0 if the asked ones keep the budgets of normal and low events. */
export function surgeWorkers (surge: Surge): number {
  const { arrivalRate: rate, waiting, budgetsMs } = surge
  const normal = workersUntil(surge, rate.critical + rate.normal, waiting.critical + waiting.normal, budgetsMs.normal)
  const low = workersUntil(
    surge, rate.critical + rate.normal + rate.low, waiting.critical + waiting.normal + waiting.low, budgetsMs.low
  )
  return Math.max(normal, low)
}

function workersUntil (
  { ratePerWorker, liveWorkers, askedWorkers, askedForMs }: Surge, perSecond: number, backlog: number, budgetMs: number
): number {
  const askedSeconds = Math.min(HORIZON_MS, askedForMs) / 1_000
  const untilThere = HORIZON_MS / 1_000 - askedSeconds
  const asked = Math.max(1, askedWorkers) * ratePerWorker
  const live = Math.min(asked, liveWorkers * ratePerWorker)
  const before = Math.max(0, backlog + (perSecond - live) * untilThere)
  const ahead = Math.max(0, before + (perSecond - asked) * askedSeconds)
  if (ahead * 1_000 <= asked * SHARE_OF_BUDGET * budgetMs) return 0
  return (perSecond + ahead * 1_000 / budgetMs) / ratePerWorker
}
