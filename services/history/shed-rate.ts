import type { Refused } from './refusals.ts'

/**
 * Each process books its refusals with its next reading, so the first readings after a loss contain those of the whole
 * loss.
 */
const SETTLED_AFTER_SECONDS = 3

/**
 * Events that all processes refused in each second, by reason, as booked in the shared ledger. While the ledger cannot
 * be read, and until all processes have booked their backlog, the refusals of this process are used instead.
 */
export class ShedRate {
  readonly #reasons: readonly string[]
  #booked: Readonly<Record<string, number>> = {}
  #secondsKnown = 0

  constructor (reasons: readonly string[]) {
    this.#reasons = reasons
  }

  /**
   * To be called each second.
   *
   * @param booked refusals in the ledger by reason, undefined while it cannot be read
   * @param own refusals of this process in the same second
   */
  next (booked: Readonly<Record<string, number>> | undefined, own: readonly Refused[]): Record<string, number> {
    const before = this.#booked
    this.#secondsKnown = booked === undefined ? 0 : this.#secondsKnown + 1
    this.#booked = booked ?? before
    const of = booked !== undefined && this.#secondsKnown > SETTLED_AFTER_SECONDS
      ? (reason: string) => Math.max(0, (booked[reason] ?? 0) - (before[reason] ?? 0))
      : (reason: string) => own.reduce((sum, refused) => refused.reason === reason ? sum + refused.events : sum, 0)
    return Object.fromEntries(this.#reasons.map((reason) => [reason, of(reason)]))
  }
}
