/*
 * The rate of work that the queue asks for. Workers take the best class first, so a class and those before it are one
 * queue. It has to keep up with its arrivals, and to process its backlog before the budget of the class is used up:
 *
 *   required = max over classes p of (sum of λ to p + sum of Q to p / target of p)
 *
 *   λ  events that arrive per second      Q  events that wait      target  milliseconds to process the backlog in
 *
 * The sums to the last class are all arrivals and the whole backlog: without them a low class would grow without end.
 */
import { PRIORITY_CLASSES, type PriorityClass } from '../admission/priority-class.ts'
import type { ByClass } from '../control/wait.ts'

/** Arrivals in events per second, and events that wait for a worker. */
export interface ClassLoad {
  readonly arrivalRate: ByClass
  readonly waiting: ByClass
}

export interface RequiredRate {
  /** Events per second. */
  readonly perSecond: number
  /** The last class of the sum that asks for the most. */
  readonly until: PriorityClass
}

/** The share of a delay budget that a backlog may use up: the rest is for what comes before workers are there. */
const SHARE_OF_BUDGET = 0.5

/** An autoscaler looks every 15 s: no number of workers keeps a shorter budget, priority does. */
const SHORTEST_TARGET_MS = 15_000

/** Returns the times in which the backlog down to each class is to be processed. */
export function drainTargets (budgetsMs: ByClass, drainTargetMs: number): ByClass {
  const targetOf = (budgetMs: number) =>
    Math.min(drainTargetMs, Math.max(SHORTEST_TARGET_MS, SHARE_OF_BUDGET * budgetMs))
  return { critical: targetOf(budgetsMs.critical), normal: targetOf(budgetsMs.normal), low: drainTargetMs }
}

export function requiredRate ({ arrivalRate, waiting }: ClassLoad, targetsMs: ByClass): RequiredRate {
  let arrivals = 0
  let backlog = 0
  let most: RequiredRate = { perSecond: 0, until: 'low' }
  for (const name of PRIORITY_CLASSES) {
    arrivals += arrivalRate[name]
    backlog += waiting[name]
    const perSecond = arrivals + backlog * 1_000 / targetsMs[name]
    if (perSecond >= most.perSecond) most = { perSecond, until: name }
  }
  return most
}
