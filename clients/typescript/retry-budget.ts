export interface RetryBudgetOptions {
  /** Retries that each first attempt adds to the budget; 0.2 by default. */
  readonly ratio?: number
  /** Retries that every second adds, for clients with little to send; 20 by default. */
  readonly perSecond?: number
  /** Most retries that the budget can hold, and its value at the start; 1,000 by default. */
  readonly capacity?: number
}

/**
 * Bounds how much load retries add, in events: within t seconds at most `capacity + ratio × first attempts + perSecond
 * × t`. While a service sheds, every client that retries multiplies the load that is the cause. A limit per event
 * (three attempts) still triples it; a budget in proportion to first attempts does not. After the RetryBudget of
 * Finagle (percentCanRetry 0.2 and minRetriesPerSec) and the retry throttling of gRPC (gRFC A6), both token buckets
 * that first attempts fill.
 */
export class RetryBudget {
  readonly #ratio: number
  readonly #perSecond: number
  readonly #capacity: number
  #tokens: number
  #filledAt: number

  /** @param now milliseconds, as in the other calls */
  constructor ({ ratio = 0.2, perSecond = 20, capacity = 1_000 }: RetryBudgetOptions, now: number) {
    this.#ratio = ratio
    this.#perSecond = perSecond
    this.#capacity = capacity
    this.#tokens = capacity
    this.#filledAt = now
  }

  /** Records so many first attempts. */
  earn (attempts: number): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + attempts * this.#ratio)
  }

  /** Spends one retry; returns whether there was one. */
  spend (now: number): boolean {
    this.#fill(now)
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  /** Returns the milliseconds until time alone has paid for the next retry. */
  msUntilNext (now: number): number {
    this.#fill(now)
    if (this.#tokens >= 1) return 0
    return this.#perSecond > 0 && this.#capacity >= 1
      ? Math.ceil((1 - this.#tokens) / this.#perSecond * 1_000)
      : Infinity
  }

  #fill (now: number): void {
    const seconds = Math.max(0, now - this.#filledAt) / 1_000
    this.#filledAt = now
    this.#tokens = Math.min(this.#capacity, this.#tokens + seconds * this.#perSecond)
  }
}
