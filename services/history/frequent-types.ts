/*
 * Finds the most frequent types of event, with room for a fixed number: the Space-Saving algorithm of A. Metwally,
 * D. Agrawal and A. El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams", ICDT 2005.
 *
 * A type that is counted gets one more. One that is not takes the place of the one counted least, with that one's count, which
 * is the most that it may have been passed over for: its error. With W events in all, and room for k types,
 *
 *   count - error <= events of the type <= count        error <= W / k
 *
 * so each type with more than W / k is there. Counts fade by the same factor all together, which leaves their order and these
 * laws as they are, W fading along.
 *
 * To give a place away costs more than all the rest. Between two fadings only so many are; types that come beyond that, when
 * nearly all are different, are passed over, and by their number, which fades too, a count may be too small.
 */
import { rounded } from '../admission/rate.ts'

/** Types that are counted side by side: each with more than a 64th of the recent events is found. */
const MOST_TYPES = 64
/** Places that are given away between two fadings. */
const MOST_REPLACED = 1_000
/** An event that came this long ago counts half. */
const HALF_LIFE_MS = 10_000

interface Counted {
  type: string
  /** Faded. */
  count: number
  error: number
  /** Counted since it got its place, not faded. */
  events: number
}

/** A type with how often it comes. */
export interface TypeRate {
  readonly type: string
  /** At least so many a second, over the last seconds. */
  readonly ratePerSecond: number
  /** Counted since the type is among the frequent ones. */
  readonly events: number
}

export class FrequentTypes {
  readonly #room: number
  readonly #mostReplaced: number
  readonly #byType = new Map<string, Counted>()
  #fadedMs = 0
  #replaced = 0
  #passedOver = 0

  constructor (room = MOST_TYPES, mostReplaced = MOST_REPLACED) {
    this.#room = room
    this.#mostReplaced = mostReplaced
  }

  /** Events that are in no count, faded. */
  get passedOver (): number { return this.#passedOver }

  /** Counts one event. */
  record (type: string): void {
    const counted = this.#byType.get(type)
    if (counted !== undefined) {
      counted.count++
      counted.events++
    } else if (this.#byType.size < this.#room) {
      this.#byType.set(type, { type, count: 1, error: 0, events: 1 })
    } else if (this.#replaced < this.#mostReplaced) {
      this.#replaced++
      const { type: least, count } = this.#least()
      this.#byType.delete(least)
      this.#byType.set(type, { type, count: count + 1, error: count, events: 1 })
    } else {
      this.#passedOver++
    }
  }

  /** Lets all counts fade by the time that has passed. */
  fade (elapsedMs: number): void {
    this.#fadedMs += elapsedMs
    this.#replaced = 0
    const factor = 0.5 ** (elapsedMs / HALF_LIFE_MS)
    for (const counted of this.#byType.values()) {
      counted.count *= factor
      counted.error *= factor
    }
    this.#passedOver *= factor
  }

  /** Returns the faded count of a type: there were at least `count - error`; undefined for one that has no place. */
  countOf (type: string): { count: number, error: number } | undefined {
    const counted = this.#byType.get(type)
    return counted && { count: counted.count, error: counted.error }
  }

  /** The types that come most often for certain, the first of them first. */
  top (most: number): TypeRate[] {
    // A steady rate r fades to a count of r x half-life / ln 2; before there was time for that, to this share of it.
    const share = 1 - 0.5 ** (this.#fadedMs / HALF_LIFE_MS)
    const perSecond = share === 0 ? 0 : 1000 * Math.LN2 / HALF_LIFE_MS / share
    return [...this.#byType.values()].toSorted((a, b) => (b.count - b.error) - (a.count - a.error)).slice(0, most)
      .map(({ type, count, error, events }) => ({ type, ratePerSecond: rounded((count - error) * perSecond), events }))
      .filter(({ ratePerSecond }) => ratePerSecond > 0)
  }

  #least (): Counted {
    return [...this.#byType.values()].reduce((least, counted) => counted.count < least.count ? counted : least)
  }
}
