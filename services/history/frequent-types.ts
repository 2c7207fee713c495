import { rounded } from '../admission/rate.ts'
import { Frequent, NO_PLACE } from '../frequency/frequent.ts'

/** Places for types: each type with more than a 64th of the recent events has one. */
const MOST_TYPES = 64
/** Replacements between two fadings. */
const MOST_REPLACED = 1_000
/** An event of this age counts half. */
const HALF_LIFE_MS = 10_000

/** A type with its frequency. */
export interface TypeRate {
  readonly type: string
  /** A lower bound of its rate over the last seconds. */
  readonly ratePerSecond: number
  /** Events since the type is among the frequent ones. */
  readonly events: number
}

/** Finds the most frequent types of event, as services/frequency/frequent.ts explains. */
export class FrequentTypes {
  readonly #types: Frequent
  /** Events of each type since it got its place, not faded. */
  readonly #events: Float64Array
  #fadedMs = 0

  constructor (room = MOST_TYPES, mostReplaced = MOST_REPLACED) {
    this.#events = new Float64Array(room)
    this.#types = new Frequent({ room, mostReplaced, onReplaced: (place) => { this.#events[place] = 0 } })
  }

  /** Events that no count contains, faded. */
  get passedOver (): number { return this.#types.passedOver }

  /** Counts one event. */
  record (type: string): void {
    const place = this.#types.add(type, 1)
    if (place !== NO_PLACE) this.#events[place]!++
  }

  /** Fades all counts by the elapsed time. */
  fade (elapsedMs: number): void {
    this.#fadedMs += elapsedMs
    this.#types.fade(0.5 ** (elapsedMs / HALF_LIFE_MS))
  }

  /** Returns the faded count of a type, which is at most `error` too high; undefined for a type without a place. */
  countOf (type: string): { count: number, error: number } | undefined {
    const place = this.#types.placeOf(type)
    return place === NO_PLACE
      ? undefined
      : { count: this.#types.countAt(place), error: this.#types.errorAt(place) }
  }

  /** Returns the types with the highest certain rates, the highest first. */
  top (most: number): TypeRate[] {
    // At a steady rate r the count tends to r x half-life / ln 2, and reaches this share of it after the time so far.
    const share = 1 - 0.5 ** (this.#fadedMs / HALF_LIFE_MS)
    const perSecond = share === 0 ? 0 : 1000 * Math.LN2 / HALF_LIFE_MS / share
    return this.#types.keys.map((type, place) => ({ type, place, certain: this.#certainAt(place) }))
      .toSorted((a, b) => b.certain - a.certain).slice(0, most)
      .map(({ type, place, certain }) => ({
        type, ratePerSecond: rounded(certain * perSecond), events: this.#events[place] as number
      }))
      .filter(({ ratePerSecond }) => ratePerSecond > 0)
  }

  #certainAt (place: number): number {
    return this.#types.countAt(place) - this.#types.errorAt(place)
  }
}
