import type { Candidate } from '../candidate.ts'
import { Season, type SeasonShape } from '../season.ts'
import { DampedHolt } from './damped-holt.ts'

/** Damped Holt of the series without its season, and the season again on top (additive Holt-Winters). */
export class HoltWinters implements Candidate {
  readonly learned: { season: object, rest: object }
  readonly #season: Season
  readonly #rest: DampedHolt

  /** @param weight of a new value in the level, 0 to 1 */
  constructor (shape: SeasonShape, weight: number, saved?: unknown) {
    const { season, rest } = (saved ?? {}) as { season?: unknown, rest?: unknown }
    this.#season = new Season(shape, season)
    this.#rest = new DampedHolt(weight, rest)
    this.learned = { season: this.#season.learned, rest: this.#rest.learned }
  }

  observe (value: number): void {
    // First the season: a value is measured by the profile that the forecasts from it will use.
    this.#season.observe(value)
    this.#rest.observe(value - this.#season.ahead(0))
  }

  forecast (steps: number): number {
    return this.#rest.forecast(steps) + this.#season.ahead(steps)
  }
}
