import { retryAccuracy } from '../../services/control/retry-accuracy.ts'
import { CLASS_COUNT } from '../classes.ts'
import { Histogram } from './histogram.ts'

const RATIO_RESOLUTION = 1_000

/**
 * The accuracy of all refusals of a run. Refusals after which no event of their class was admitted are left out.
 */
export class RetryAccuracy {
  readonly #ratios = new Histogram()
  readonly #at: Float64Array[] = Array.from({ length: CLASS_COUNT }, () => new Float64Array(256))
  readonly #suggested: Float32Array[] = Array.from({ length: CLASS_COUNT }, () => new Float32Array(256))
  readonly #open = new Int32Array(CLASS_COUNT)

  refused (priorityClass: number, retryAfterSeconds: number, now: number): void {
    if (!Number.isFinite(retryAfterSeconds)) return
    const index = this.#open[priorityClass]!++
    if (index === this.#at[priorityClass]!.length) this.#grow(priorityClass)
    this.#at[priorityClass]![index] = now
    this.#suggested[priorityClass]![index] = retryAfterSeconds
  }

  admitted (priorityClass: number, now: number): void {
    const count = this.#open[priorityClass] as number
    if (count === 0) return
    const at = this.#at[priorityClass] as Float64Array
    const suggested = this.#suggested[priorityClass] as Float32Array
    for (let index = 0; index < count; index++) {
      const accuracy = retryAccuracy(suggested[index] as number, now - (at[index] as number))
      // The histogram is exact to 1 % only for values far above 1.
      this.#ratios.add(accuracy * RATIO_RESOLUTION)
    }
    this.#open[priorityClass] = 0
  }

  /** Null if there is nothing to compare. */
  quantile (share: number): number | null {
    return this.#ratios.count === 0 ? null : this.#ratios.quantile(share) / RATIO_RESOLUTION
  }

  #grow (priorityClass: number): void {
    const at = new Float64Array(2 * this.#at[priorityClass]!.length)
    at.set(this.#at[priorityClass] as Float64Array)
    this.#at[priorityClass] = at
    const suggested = new Float32Array(at.length)
    suggested.set(this.#suggested[priorityClass] as Float32Array)
    this.#suggested[priorityClass] = suggested
  }
}
