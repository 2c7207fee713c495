const WINDOW_MS = 1_000

/** After this long without an offer an organization counts as idle. */
const IDLE_MS = 2_000

/** A shorter time says little about a rate. */
const LEAST_SPAN_MS = 200

/** The offers of an organization over the last second, in milliseconds of its whole quota. */
export class Demand {
  /** When it began to offer, after a time without an offer. */
  since = -Infinity
  #last = -Infinity
  #windowAt = -Infinity
  #current = 0
  #previous = 0
  #refusedNow = 0
  #refusedBefore = 0

  /** Records an offer; `refused` is its cost again if it is refused. */
  record (costMs: number, now: number, refused = 0): void {
    if (now - this.#last >= IDLE_MS) this.#begin(now)
    else this.#turn(now)
    this.#last = now
    this.#current += costMs
    this.#refusedNow += refused
  }

  /** Takes back what was recorded at a time, if that was less than two windows ago. */
  forget (costMs: number, at: number, refused = 0): void {
    if (at >= this.#windowAt) {
      this.#current = Math.max(0, this.#current - costMs)
      this.#refusedNow = Math.max(0, this.#refusedNow - refused)
    } else if (at >= this.#windowAt - WINDOW_MS) {
      this.#previous = Math.max(0, this.#previous - costMs)
      this.#refusedBefore = Math.max(0, this.#refusedBefore - refused)
    }
  }

  /** The offers of a second as a share of the quota. */
  ratio (now: number): number {
    this.#turn(now)
    return this.#ratioOf(this.#current, this.#previous, now)
  }

  /** Those of them that were admitted. */
  admitted (now: number): number {
    this.#turn(now)
    return this.#ratioOf(this.#current - this.#refusedNow, this.#previous - this.#refusedBefore, now)
  }

  #ratioOf (current: number, previous: number, now: number): number {
    const elapsed = now - this.#windowAt
    if (elapsed >= WINDOW_MS) return 0
    const span = Math.min(WINDOW_MS, Math.max(LEAST_SPAN_MS, now - this.since))
    return (current + previous * (1 - elapsed / WINDOW_MS)) / span
  }

  #begin (now: number): void {
    this.since = now
    this.#windowAt = now
    this.#current = 0
    this.#previous = 0
    this.#refusedNow = 0
    this.#refusedBefore = 0
  }

  #turn (now: number): void {
    const windows = Math.floor((now - this.#windowAt) / WINDOW_MS)
    if (!(windows >= 1) || !Number.isFinite(windows)) return
    this.#previous = windows === 1 ? this.#current : 0
    this.#refusedBefore = windows === 1 ? this.#refusedNow : 0
    this.#current = 0
    this.#refusedNow = 0
    this.#windowAt += windows * WINDOW_MS
  }
}
