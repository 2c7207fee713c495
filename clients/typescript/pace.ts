/** The rest of the quota of the organization, as the service names it. */
export interface Allowance {
  /** Events to spread over the seconds. */
  readonly left: number
  readonly seconds: number
}

/** The longest part of a second whose events travel at once, so that a slow pace still has batches. */
const SLOT_MS = 100

/** The parameters of the item "org" (draft-ietf-httpapi-ratelimit-headers-11): r is left, to be spread over t seconds. */
const ITEM = /(?:^|,)\s*"org"((?:\s*;[^,]*)?)/

/** Returns the allowance in a RateLimit header; undefined if it is absent or unreadable. */
export function allowanceOf (header: string | null): Allowance | undefined {
  const parameters = ITEM.exec(header ?? '')?.[1] ?? ''
  const [left, seconds] = ['r', 't'].map((name) => Number(new RegExp(`;\\s*${name}=(\\d+)`).exec(parameters)?.[1]))
  return left === undefined || seconds === undefined || !(left >= 0 && seconds > 0) ? undefined : { left, seconds }
}

/**
 * Spreads events over the time that the service names, so that it does not have to refuse any. The pace is what is left
 * per second: it falls as the quota is used up and rises as it comes back, and meets the quota in between.
 */
export class Pace {
  /** Events per millisecond; Infinity for a service without a quota. */
  #rate = Infinity
  #events = Infinity
  #at = -Infinity

  /** Records what an answer says; undefined if it says nothing about a quota. */
  record (allowance: Allowance | undefined, now: number): void {
    if (allowance === undefined) {
      this.#rate = Infinity
      this.#events = Infinity
      return
    }
    const { left, seconds } = allowance
    const events = this.#filled(now)
    // One event after that time finds out whether the quota has come back.
    this.#rate = Math.max(1, left) / (seconds * 1_000)
    this.#events = Math.min(events, left === 0 ? 0 : this.#slot)
    this.#at = now
  }

  /** The number of events that may be sent now. */
  available (now: number): number {
    const events = this.#filled(now)
    return events < this.#least ? 0 : Math.floor(events)
  }

  /** The time from which events may be sent, in milliseconds of the clock. */
  opensAt (now: number): number {
    const missing = this.#least - this.#filled(now)
    return missing <= 0 ? -Infinity : now + missing / this.#rate
  }

  /** Records events that are sent. */
  spend (count: number, now: number): void {
    if (this.#rate === Infinity) return
    this.#events = this.#filled(now) - count
    this.#at = now
  }

  get #slot (): number { return Math.max(1, this.#rate * SLOT_MS) }

  /** Fewer are not worth a request. */
  get #least (): number { return this.#rate === Infinity ? 0 : Math.max(1, this.#slot / 2) }

  #filled (now: number): number {
    if (this.#rate === Infinity) return Infinity
    return Math.min(this.#slot, this.#events + (now - this.#at) * this.#rate)
  }
}
