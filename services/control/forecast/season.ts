import type { Series } from './candidate.ts'
import { restored, zeros } from './saved-state.ts'

/** A phase moves this share of the way to what a new season shows. */
const NEW_SEASON = 0.3

/** The length of a season in steps, and the number of bins that its profile is kept in. */
export interface SeasonShape {
  readonly steps: number
  readonly bins: number
  /** Number of the next step, which says at which phase of the season it is. */
  readonly firstStep: number
}

/**
 * The profile of a season: for each phase, the mean distance from the level of a whole season. A long season has
 * fewer bins than steps, so that it stays small; between the middles of two bins the profile is a line.
 */
export class Season {
  readonly learned: { level: number, steps: number, profile: number[] }
  readonly #shape: SeasonShape
  readonly #weight: number
  #step: number

  constructor (shape: SeasonShape, saved?: unknown) {
    this.#shape = shape
    this.#weight = 1 - (1 - NEW_SEASON) ** (shape.bins / shape.steps)
    this.#step = shape.firstStep - 1
    this.learned = restored(saved, { level: 0, steps: 0, profile: zeros(shape.bins) })
  }

  observe (value: number): void {
    const { learned } = this
    const { steps, bins } = this.#shape
    this.#step++
    learned.level += Math.max(1 / steps, 1 / ++learned.steps) * (value - learned.level)
    const bin = Math.floor((this.#step % steps) * bins / steps)
    // In the first season, the mean of the bin so far.
    const binSteps = steps / bins
    const weight = learned.steps > steps ? this.#weight : Math.max(this.#weight, 1 / (1 + (this.#step % steps) % binSteps))
    const known = learned.profile[bin] as number
    learned.profile[bin] = known + weight * (value - learned.level - known)
  }

  /** Returns the distance from the level so many steps after the last one; 0 until a whole season has been seen. */
  ahead (steps: number): number {
    const { steps: seen, profile } = this.learned
    const { steps: length, bins } = this.#shape
    if (seen < length) return 0
    const place = ((this.#step + steps) % length + 0.5) * bins / length - 0.5
    const left = Math.floor(place)
    const from = profile[(left + bins) % bins] as number
    return from + (place - left) * ((profile[(left + 1) % bins] as number) - from)
  }
}

/** A minute of steps of a second, or an hour of steps of a minute: the beat of schedules. */
export function shortSeason ({ firstStep }: Series): SeasonShape {
  return { steps: 60, bins: 60, firstStep }
}

/** The season of the series, as a rule a day, in bins of five minutes. */
export function longSeason ({ seasonSteps, firstStep }: Series): SeasonShape {
  return { steps: seasonSteps, bins: Math.min(288, seasonSteps), firstStep }
}
