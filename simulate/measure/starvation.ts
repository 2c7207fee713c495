import { CLASS_COUNT } from '../classes.ts'

/** The longest time for which a class was offered and work on none of its events began. */
export class Starvation {
  readonly #longestMs = new Float64Array(CLASS_COUNT)
  readonly #offeredLast = new Float64Array(CLASS_COUNT)
  /** The first offer since work on an event of the class began. */
  readonly #since = new Float64Array(CLASS_COUNT).fill(Infinity)

  offered (priorityClass: number, now: number): void {
    this.#offeredLast[priorityClass] = now
    if (this.#since[priorityClass] === Infinity) this.#since[priorityClass] = now
  }

  started (priorityClass: number, now: number): void {
    const starvedMs = now - (this.#since[priorityClass] as number)
    this.#longestMs[priorityClass] = Math.max(this.#longestMs[priorityClass] as number, starvedMs)
    this.#since[priorityClass] = Infinity
  }

  /** Up to the last offer if no work follows it. */
  longestSeconds (priorityClass: number): number {
    const lastMs = (this.#offeredLast[priorityClass] as number) - (this.#since[priorityClass] as number)
    return Math.max(this.#longestMs[priorityClass] as number, lastMs) / 1_000
  }
}
