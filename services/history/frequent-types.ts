/*
 * Finds the most frequent types of event, with room for a fixed number: the Space-Saving algorithm of A. Metwally, D.
 * Agrawal and A. El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams", ICDT 2005.
 *
 * An event of a counted type adds one. A new type replaces the type with the least count and inherits that count as its
 * error, since it may have been missed that many times. With W events in all, and room for k types,
 *
 *   count - error <= events of the type <= count        error <= W / k
 *
 * so each type with more than W / k events has a place. All counts and W fade by the same factor, which keeps their
 * order and these laws.
 *
 * Replacing a type is the most expensive step, so the replacements between two fadings are bounded. Further new types,
 * when nearly all are different, are not counted; a count may be too small by their number, which also fades.
 */
import { rounded } from '../admission/rate.ts'

/** Places for types: each type with more than a 64th of the recent events has one. */
const MOST_TYPES = 64
/** Replacements between two fadings. */
const MOST_REPLACED = 1_000
/** An event of this age counts half. */
const HALF_LIFE_MS = 10_000

interface Counted {
  type: string
  /** Faded. */
  count: number
  error: number
  /** Events since it got its place, not faded. */
  events: number
}

/** A type with its frequency. */
export interface TypeRate {
  readonly type: string
  /** A lower bound of its rate over the last seconds. */
  readonly ratePerSecond: number
  /** Events since the type is among the frequent ones. */
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

  /** Events that no count contains, faded. */
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

  /** Fades all counts by the elapsed time. */
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

  /** Returns the faded count of a type, which is at most `error` too high; undefined for a type without a place. */
  countOf (type: string): { count: number, error: number } | undefined {
    const counted = this.#byType.get(type)
    return counted && { count: counted.count, error: counted.error }
  }

  /** Returns the types with the highest certain rates, the highest first. */
  top (most: number): TypeRate[] {
    // At a steady rate r the count tends to r x half-life / ln 2, and reaches this share of it after the time so far.
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
