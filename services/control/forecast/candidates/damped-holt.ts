import type { Candidate } from '../candidate.ts'
import { restored } from '../saved-state.ts'

/** The trend loses this share of itself with each step ahead: far horizons extend no short rise for ever. */
const DAMPING = 0.97
const LOG_DAMPING = Math.log(DAMPING)

/** Weight of a new slope, relative to that of a new level. */
const TREND_SHARE = 0.1

/** A level and a trend that fades with the horizon (Gardner and McKenzie, 1985). */
export class DampedHolt implements Candidate {
  readonly learned: { level: number, trend: number, steps: number }
  readonly #weight: number

  /** @param weight of a new value, 0 to 1: the level follows about the last 2 / weight steps */
  constructor (weight: number, saved?: unknown) {
    this.#weight = weight
    this.learned = restored(saved, { level: 0, trend: 0, steps: 0 })
  }

  observe (value: number): void {
    const { learned } = this
    // The first values count in full, or the level would climb from zero for as long as the weight is small.
    const weight = Math.max(this.#weight, 1 / ++learned.steps)
    const damped = DAMPING * learned.trend
    const level = learned.level + damped
    const error = value - level
    learned.level = level + weight * error
    learned.trend = learned.steps * this.#weight < 1 ? 0 : damped + weight * TREND_SHARE * error
  }

  forecast (steps: number): number {
    const { level, trend } = this.learned
    return level + trend * DAMPING * (1 - Math.exp(steps * LOG_DAMPING)) / (1 - DAMPING)
  }
}
