/*
 * The time that decides deadlines. A wall clock may be set: a step by an hour would end the deadlines of a whole queue
 * at once. So each clock is held against the monotonic one of this process, and there are two of them: that of this
 * host, and that of Redis, which all processes share and each reading of the queue names.
 *
 *   both go on, and agree        the clock of this host
 *   both go on, and disagree     the clock of Redis: all processes judge a deadline alike
 *   one of them was set          the other one, for HOLD_MS
 *   both were set, or the only   the earlier of the time as it was and the time as it is, for HOLD_MS
 *
 * After HOLD_MS a clock that was set is believed. One that is set back before is believed at once.
 */

/** Steps below this, and disagreements, can end the deadlines of no more than a second of events. */
const STEP_MS = 1_000

/** How long a clock that was set is not believed. */
export const HOLD_MS = 60_000

export type ClockName = 'host' | 'redis'

export interface ClockStep {
  readonly clock: ClockName
  /** Positive if the clock was set forwards. */
  readonly stepMs: number
}

export interface TrustedClockOptions {
  /** The clock of this host, in milliseconds since 1970. */
  readonly wall: () => number
  /** Milliseconds of a clock that nobody sets. */
  readonly monotonic: () => number
  readonly onStep?: (step: ClockStep) => void
  /** Called when a clock is believed again. */
  readonly onTrusted?: (clock: ClockName) => void
}

export class TrustedClock {
  readonly #options: TrustedClockOptions
  readonly #host: WatchedClock
  readonly #redis: WatchedClock
  #readAt: number

  constructor (options: TrustedClockOptions) {
    this.#options = options
    this.#host = new WatchedClock()
    this.#redis = new WatchedClock()
    this.#readAt = options.monotonic()
    this.#observe('host', this.#host, options.wall(), this.#readAt)
  }

  /** Milliseconds since 1970. */
  get now (): number {
    const { wall, monotonic } = this.#options
    const at = monotonic()
    const wallMs = wall()
    this.#observe('host', this.#host, wallMs, at)
    if (!this.#redis.isKnown) return this.#host.timeAt(at)
    const host = this.#host.timeAt(at)
    const redis = this.#redis.timeAt(at)
    if (this.#host.isHeld && this.#redis.isHeld) return Math.min(host, redis)
    if (this.#host.isHeld) return redis
    if (this.#redis.isHeld) return host
    return this.#redis.mayShow(host, at) ? host : redis
  }

  /** Whether a clock was set so recently that it is not believed. */
  get isHolding (): boolean { return this.#host.isHeld || this.#redis.isHeld }

  /** Takes in the time of a reading of the queue. It was asked for after the reading before. */
  observeRedis (redisTimeMs: number): void {
    const at = this.#options.monotonic()
    this.#observe('redis', this.#redis, redisTimeMs, at, at - this.#readAt)
    this.#readAt = at
    this.#observe('host', this.#host, this.#options.wall(), at)
  }

  #observe (clock: ClockName, watched: WatchedClock, timeMs: number, at: number, mostLateMs = 0): void {
    const wasHeld = watched.isHeld
    const stepMs = watched.observe(timeMs, at, mostLateMs)
    if (stepMs !== 0) this.#options.onStep?.({ clock, stepMs })
    if (wasHeld && !watched.isHeld) this.#options.onTrusted?.(clock)
  }
}

/** One clock, as its distance from the monotonic one. */
class WatchedClock {
  #offsetMs: number | undefined
  /** The latest time that it may have shown, as a distance: a reading may be read late. */
  #latestMs = 0
  #held: { readonly offsetMs: number, readonly until: number } | undefined

  get isKnown (): boolean { return this.#offsetMs !== undefined }

  get isHeld (): boolean { return this.#held !== undefined }

  /** While the clock is not believed, the earlier of its time and the one that it would show had it not been set. */
  timeAt (at: number): number {
    const offsetMs = this.#offsetMs ?? 0
    return at + (this.#held === undefined ? offsetMs : Math.min(offsetMs, this.#held.offsetMs))
  }

  /** Whether it may show this time now, give or take a step. */
  mayShow (timeMs: number, at: number): boolean {
    const offsetMs = timeMs - at
    return offsetMs > (this.#offsetMs ?? 0) - STEP_MS && offsetMs < this.#latestMs + STEP_MS
  }

  /**
   * Takes in a time and returns by how much the clock was set; 0 if it was not.
   *
   * @param mostLateMs how old the time may be
   */
  observe (timeMs: number, at: number, mostLateMs: number): number {
    const offsetMs = timeMs - at
    const latestMs = offsetMs + mostLateMs
    const last = this.#offsetMs ?? offsetMs
    const forwards = offsetMs - (this.isKnown ? this.#latestMs : latestMs)
    const backwards = last - latestMs
    this.#offsetMs = offsetMs
    this.#latestMs = latestMs
    const stepMs = forwards >= STEP_MS ? offsetMs - last : backwards >= STEP_MS ? latestMs - last : 0
    if (stepMs !== 0) this.#held = { offsetMs: this.#held?.offsetMs ?? last, until: at + HOLD_MS }
    if (this.#held !== undefined) {
      const isBack = Math.abs(offsetMs - this.#held.offsetMs) < STEP_MS
      if (isBack || at >= this.#held.until) this.#held = undefined
    }
    return stepMs
  }
}
