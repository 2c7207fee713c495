import { CLASS_COUNT, named } from '../classes.ts'
import type { SampleFigures } from './figures.ts'

/**
 * Compares the totals that a consumer estimates from the weights of the events it gets with the true ones: the events
 * that the sample has decided on, kept or left out.
 */
export class SampleEstimate {
  readonly #leftOut = new Float64Array(CLASS_COUNT)
  readonly #kept = new Float64Array(CLASS_COUNT)
  readonly #estimate = new Float64Array(CLASS_COUNT)
  /** The variance of the estimate as the weights tell it: the sum of w (w - 1), by Horvitz and Thompson (1952). */
  readonly #variance = new Float64Array(CLASS_COUNT)

  kept (priorityClass: number, weight: number): void {
    this.#kept[priorityClass]!++
    this.#estimate[priorityClass]! += weight
    this.#variance[priorityClass]! += weight * (weight - 1)
  }

  leftOut (priorityClass: number): void { this.#leftOut[priorityClass]!++ }

  /** Events of all classes that were left out. */
  get leftOutCount (): number { return this.#leftOut.reduce((sum, events) => sum + events, 0) }

  /** Null if nothing was left out of the class. */
  get figures (): SampleFigures {
    return named((index) => {
      const leftOut = this.#leftOut[index] as number
      if (leftOut === 0) return null
      const events = leftOut + (this.#kept[index] as number)
      const error = Math.abs((this.#estimate[index] as number) - events)
      const variance = this.#variance[index] as number
      return {
        share: leftOut / events,
        error: error / events,
        standardErrors: variance === 0 ? null : error / Math.sqrt(variance)
      }
    })
  }
}
