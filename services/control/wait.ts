/*
 * How long events of a class wait while workers always take the best one first. With the backlog Q and the arrivals λ
 * of each class, and the capacity μ of all workers:
 *
 *   wait of a new event of class p     W_p = sum of Q to p / (μ - sum of λ before p)
 *   until class p is empty             E_p = sum of Q to p / (μ - sum of λ to p)
 *   depth at which W_p is a budget D   D x (μ - sum of λ before p)
 *   until a waiting event begins       the events that wait before it / (μ - sum of λ before its priority)
 *
 * The events of better classes that come meanwhile go first. If they leave nothing, the class starves. The formulas
 * follow from the flow balance; they say nothing of the moment in which a worker is about to finish.
 */
import { PRIORITY_CLASSES, type PriorityClass } from '../admission/priority-class.ts'
import type { PredictedWait } from '../admission/signals.ts'
import { sum } from '../admission/sum.ts'
import { drainSeconds } from '../admission/time-to-drain.ts'

export type ByClass<Value = number> = Readonly<Record<PriorityClass, Value>>

/** Backlog in events, arrivals and capacity in events per second. */
export interface Flow {
  readonly backlog: ByClass
  readonly arrivalRate: ByClass
  readonly capacity: number
}

/** Milliseconds that a new event of each class waits; Infinity for a class that starves. */
export function waitMs ({ backlog, arrivalRate, capacity }: Flow): ByClass {
  return byClass((name) => {
    const left = capacity - before(arrivalRate, name)
    return left > 0 ? drainSeconds(before(backlog, name) + backlog[name], left) * 1_000 : Infinity
  })
}

/** The wait of a new event of each class, and what each further event adds to it. */
export function predictedWaits (flow: Flow, oldestMs: ByClass<number>): ByClass<PredictedWait> {
  const waits = waitMs(flow)
  return byClass((name) => {
    const left = flow.capacity - before(flow.arrivalRate, name)
    return { ms: Math.max(waits[name], oldestMs[name]), msPerEvent: left > 0 ? 1_000 / left : 0 }
  })
}

/** Milliseconds until nothing of each class and of those before it is left; Infinity if that does not come. */
export function timeToEmptyMs ({ backlog, arrivalRate, capacity }: Flow): ByClass {
  return byClass((name) => {
    const left = capacity - before(arrivalRate, name) - arrivalRate[name]
    return drainSeconds(before(backlog, name) + backlog[name], left) * 1_000
  })
}

/** Events of the class and of those before it at which a new one of the class waits for as long as its budget. */
export function depthWithin (
  budgetMs: number, name: PriorityClass, { arrivalRate, capacity }: Omit<Flow, 'backlog'>
): number {
  return Math.max(0, budgetMs / 1_000 * (capacity - before(arrivalRate, name)))
}

/** The queue as one event in it sees it, arrays by priority: events that wait, and events per second. */
export interface WaitingLine {
  readonly waiting: readonly number[]
  /** Milliseconds for which the oldest one has waited; null if none waits. */
  readonly oldestMs: readonly (number | null)[]
  readonly arrivalRate: readonly number[]
  readonly capacity: number
}

/**
 * Milliseconds until workers begin an event that has waited for `ageMs`; Infinity if they never do. It assumes that
 * the events of its priority came evenly since the oldest of them.
 */
export function startMs (
  priority: number, ageMs: number, { waiting, oldestMs, arrivalRate, capacity }: WaitingLine
): number {
  const oldest = oldestMs[priority] ?? 0
  const older = oldest > 0 ? Math.min(1, Math.max(0, 1 - ageMs / oldest)) : 1
  const ahead = sum(waiting.slice(0, priority)) + (waiting[priority] ?? 0) * older
  return drainSeconds(ahead, capacity - sum(arrivalRate.slice(0, priority))) * 1_000
}

/** The sum over the classes that are served before this one. */
function before (values: ByClass, name: PriorityClass): number {
  let total = 0
  for (const each of PRIORITY_CLASSES) {
    if (each === name) break
    total += values[each]
  }
  return total
}

/** Makes a value for each class. */
export function byClass<Value> (of: (name: PriorityClass) => Value): ByClass<Value> {
  return { critical: of('critical'), normal: of('normal'), low: of('low') }
}
