/** A bound from an answer of Redis is replaced after this time, whether or not a later one is closer. */
const BOUND_LIFE_MS = 10_000

/** A clock that was set back by less makes readings seem younger until the bound is replaced. */
const STEP_MS = 1_000

/**
 * Bounds the age of readings that other processes have taken. They name the time of Redis, which no clock of this
 * process has to agree with: an answer of Redis that names it too was given after its command was sent, so each time of
 * Redis is at most so far in the past.
 */
export class ReadingAge {
  /** From a time of Redis to the earliest time of this process that it can have been. */
  #offsetMs: number | undefined
  #boundAt = 0

  /**
   * Takes in an answer of Redis.
   *
   * @param sentAt when its command was sent, milliseconds of a clock that nobody sets
   * @param redisTimeMs the time that it names
   */
  observe (sentAt: number, redisTimeMs: number): void {
    const offsetMs = sentAt - redisTimeMs
    const last = this.#offsetMs
    const isReplaced = last === undefined || offsetMs > last || offsetMs < last - STEP_MS ||
      sentAt - this.#boundAt >= BOUND_LIFE_MS
    if (!isReplaced) return
    this.#offsetMs = offsetMs
    this.#boundAt = sentAt
  }

  /** Returns for how long at most this time of Redis has been past; Infinity before the first answer. */
  at (redisTimeMs: number, now: number): number {
    return this.#offsetMs === undefined ? Infinity : Math.max(0, now - (redisTimeMs + this.#offsetMs))
  }
}
