/*
 * The number of workers that is shown to an autoscaler. It rises at once, and falls only after the mean of the demand
 * over some time has shown that fewer are enough:
 *
 *   rises    to the demand, if that exceeds the number by more than a tenth of it
 *   falls    to the mean of that time and a twentieth, if that is less
 *
 * A mean and not a maximum, since a burst of seconds waits in the queue within the budgets. Between both bounds nothing
 * changes, so noise does not start and stop processes.
 */
import { wholeWorkers } from './workers-needed.ts'

/** An excess of less than this share is left to the backlog, which raises the demand further if it is real. */
const TOLERATED = 0.1

/** The share above the mean that remaining workers need to have free. */
const MARGIN = 0.05

/** The demand is remembered once in so many milliseconds. */
const SPACING_MS = 1_000

interface Point {
  readonly at: number
  readonly demand: number
}

export class SteadyNumber {
  readonly #scaleInAfterMs: number
  #value: number
  #points: Point[] = []

  /**
   * @param value the number so far, as a rule that of the live workers
   * @param scaleInAfterMs the time that has to show that fewer are enough
   */
  constructor (value: number, scaleInAfterMs: number) {
    this.#scaleInAfterMs = scaleInAfterMs
    this.#value = Math.max(1, value)
  }

  get value (): number { return this.#value }

  /** The number that would be enough by what is known so far: what remains when the time is over. */
  get lower (): number {
    if (this.#points.length === 0) return this.#value
    const mean = this.#points.reduce((sum, { demand }) => sum + demand, 0) / this.#points.length
    return wholeWorkers(mean * (1 + MARGIN))
  }

  /**
   * Takes in the demand at a time, both as quotients of rates.
   *
   * @param rising the workers that the number rises to
   * @param demand the workers that the mean is over
   * @param most more workers than this would not help
   */
  observe (at: number, rising: number, demand: number, most = Infinity): number {
    const points = this.#points
    const last = points.at(-1)
    if (last !== undefined && at < last.at) this.#points = []
    if (last === undefined || at < last.at || at - last.at >= SPACING_MS) this.#points.push({ at, demand })
    // One older than the time stays, which tells that all of it has been seen.
    while (points.length > 1 && (points[1] as Point).at <= at - this.#scaleInAfterMs) points.shift()
    const isTolerated = rising <= this.#value * (1 + TOLERATED)
    const wanted = Math.min(most, wholeWorkers(isTolerated ? Math.min(rising, this.#value) : rising))
    if (wanted >= this.#value) this.#value = wanted
    else if (this.#hasSeenAll(at)) this.#value = Math.max(wanted, Math.min(this.#value, most, this.lower))
    return this.#value
  }

  /** Nothing is known of the time until the next observation, and fewer workers may not be enough. */
  lose (): void {
    this.#points = []
  }

  #hasSeenAll (at: number): boolean {
    const first = this.#points[0]
    return first !== undefined && at - first.at >= this.#scaleInAfterMs
  }
}
