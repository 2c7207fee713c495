import type { Candidate } from '../candidate.ts'
import { restored, zeros } from '../saved-state.ts'
import type { SeasonShape } from '../season.ts'

/** Weight of a new value in the level, and of a new season in the profile once some seasons have been seen. */
const NEW_LEVEL = 0.1
const NEW_SEASON = 0.2

/** An error counts for at most this multiple of the usual one. */
const MOST_ERROR = 1.5

/** Weight of a new error in the usual one, and the most that it counts for there. */
const NEW_USUAL = 0.02
const MOST_USUAL = 3

/**
 * A season on a level, without a trend: Holt-Winters that a burst hardly moves (Gelper, Fried and Croux, *Robust
 * forecasting with exponential and Holt-Winters smoothing*, 2010). Each error is cut to a multiple of the usual error
 * before anything learns from it. One value of four times the mean would otherwise bend the level for an hour, and its
 * phase for as many seasons as the profile remembers.
 *
 * The profile has a value for each step, so it is for short seasons. It is persistence until a season has been seen.
 */
export class SeasonalLevel implements Candidate {
  readonly learned: { level: number, usualError: number, steps: number, profile: number[] }
  readonly #length: number
  #step: number
  #last = 0

  constructor ({ steps, firstStep }: SeasonShape, saved?: unknown) {
    this.#length = steps
    this.#step = firstStep - 1
    this.learned = restored(saved, { level: 0, usualError: 0, steps: 0, profile: zeros(steps) })
  }

  observe (value: number): void {
    this.#step++
    this.#last = value
    const { learned } = this
    const phase = this.#phase(0)
    if (++learned.steps <= this.#length) {
      learned.level += (value - learned.level) / learned.steps
      learned.profile[phase] = value
      if (learned.steps < this.#length) return
      for (let index = 0; index < this.#length; index++) learned.profile[index]! -= learned.level
      return
    }
    const error = value - learned.level - (learned.profile[phase] as number)
    const cut = this.#cut(error)
    const seasons = Math.ceil(learned.steps / this.#length)
    learned.level += NEW_LEVEL * cut
    learned.profile[phase]! += Math.max(NEW_SEASON, 1 / seasons) * (1 - NEW_LEVEL) * cut
  }

  forecast (steps: number): number {
    const { level, profile, steps: seen } = this.learned
    return seen < this.#length ? this.#last : level + (profile[this.#phase(steps)] as number)
  }

  #phase (steps: number): number {
    return (this.#step + steps) % this.#length
  }

  /** Returns the error as far as it counts, and takes it into the usual one. */
  #cut (error: number): number {
    const { learned } = this
    const size = Math.abs(error)
    const usual = learned.usualError || size
    const weight = Math.max(NEW_USUAL, 1 / (learned.steps - this.#length))
    learned.usualError = usual + weight * (Math.min(size, MOST_USUAL * usual) - usual)
    return Math.sign(error) * Math.min(size, MOST_ERROR * usual)
  }
}
