/** Lets so many units a second pass, and at most those of one second at once after a rest. */
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

  /** Tells whether so many may pass now. More than a second's worth pass together, once the bucket is full. */
  has (count: number): boolean {
    this.#fill()
    return this.#tokens >= Math.min(count, this.#perSecond)
  }

  /** Takes them out; what was not there is owed. */
  take (count: number): void {
    this.#fill()
    this.#tokens -= count
  }

  #fill (): void {
    const now = this.#now()
    // A clock that is put back gives nothing and takes nothing.
    const seconds = Math.max(0, now - this.#filledAt) / 1000
    this.#filledAt = now
    this.#tokens = Math.min(this.#perSecond, this.#tokens + seconds * this.#perSecond)
  }
}
