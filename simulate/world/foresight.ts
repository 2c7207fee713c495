import { CLASS_COUNT } from '../classes.ts'

/** Steps in which the future is looked at. */
const STEP_MS = 100
/** The queue drains after the last arrival. */
const AFTER_END_MS = 600_000

/**
 * Knows what comes: the work of first offers by class, and the capacity. Work is in milliseconds of one slot.
 */
export class Foresight {
  /** Work that arrives in better classes than each, up to the end of each step. */
  readonly #ahead: readonly Float64Array[]
  /** Work that all slots can do up to the end of each step. */
  readonly #capacity: Float64Array
  readonly #backlog: (priorityClass: number) => number

  /**
   * @param work by class and step
   * @param slots in use at a time at most, at the speed of that time
   * @param backlog work that waits in front of an event of a class that comes now
   */
  constructor (
    work: readonly Float64Array[], slots: (atMs: number) => number, backlog: (priorityClass: number) => number
  ) {
    this.#backlog = backlog
    const steps = work[0]!.length + AFTER_END_MS / STEP_MS
    const better = Array.from({ length: CLASS_COUNT }, () => new Float64Array(steps + 1))
    this.#capacity = new Float64Array(steps + 1)
    for (let step = 0; step < steps; step++) {
      let sum = 0
      for (let index = 0; index < CLASS_COUNT; index++) {
        better[index]![step + 1] = (better[index]![step] as number) + sum
        sum += work[index]![step] ?? 0
      }
      this.#capacity[step + 1] = (this.#capacity[step] as number) + slots(step * STEP_MS) * STEP_MS
    }
    this.#ahead = better
  }

  static stepOf (atMs: number): number { return Math.floor(atMs / STEP_MS) }

  static steps (durationMs: number): number { return Math.ceil(durationMs / STEP_MS) }

  /**
   * Whether work on an event that comes now will begin within a time, behind the backlog and behind all better events
   * that arrive meanwhile.
   */
  isServedWithin (budgetMs: number, priorityClass: number, now: number): boolean {
    const ahead = this.#ahead[priorityClass] as Float64Array
    const from = now / STEP_MS
    const backlog = this.#backlog(priorityClass)
    const isServedBy = (at: number) =>
      valueAt(this.#capacity, at) - valueAt(this.#capacity, from) >= backlog + valueAt(ahead, at) - valueAt(ahead, from)
    // Better events may come in a burst just before the end of the budget, after a moment in which it would be served.
    for (let share = 1; share > 0.01; share /= 2) if (isServedBy(from + budgetMs * share / STEP_MS)) return true
    return backlog === 0
  }
}

/** A sum up to a point between steps; behind the last step it goes on as in it. */
function valueAt (sums: Float64Array, at: number): number {
  const last = sums.length - 1
  const step = Math.min(last - 1, Math.floor(at))
  const before = sums[step] as number
  return before + ((sums[step + 1] as number) - before) * (at - step)
}
