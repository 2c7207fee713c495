/** Lets `perSecond` units a second pass, and at most those of one second at once after a rest. */
export class TokenBucket {
  readonly #perSecond: number
  readonly #now: () => number
  #tokens: number
  #filledAt: number

  /** @param now milliseconds */
  constructor (perSecond: number, now: () => number) {
    this.#perSecond = perSecond
    this.#now = now
    this.#tokens = perSecond
    this.#filledAt = now()
  }

  /**
   * Tells whether this many units may pass now. More units than those of a second pass together once the bucket is
   * full.
   */
  has (count: number): boolean {
    this.#fill()
    return this.#tokens >= Math.min(count, this.#perSecond)
  }

  /** Takes units out; a missing part becomes debt. */
  take (count: number): void {
    this.#fill()
    this.#tokens -= count
  }

  #fill (): void {
    const now = this.#now()
    // A clock that goes back neither adds nor removes units.
    const seconds = Math.max(0, now - this.#filledAt) / 1000
    this.#filledAt = now
    this.#tokens = Math.min(this.#perSecond, this.#tokens + seconds * this.#perSecond)
  }
}
