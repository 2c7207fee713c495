/** The time of the last use of each key, in whole minutes: one write a minute and key, away from requests. */
const COARSE_MS = 60_000

/** Most keys whose use is kept until it is written. */
const MOST_PENDING = 10_000

export class KeyUse {
  readonly #lastMinute = new Map<string, number>()
  #pending = new Map<string, number>()

  /** Records that a key was used; `now` is milliseconds since 1970. */
  record (id: string, now: number): void {
    const minute = now - now % COARSE_MS
    if (this.#lastMinute.get(id) === minute) return
    if (this.#lastMinute.size >= MOST_PENDING) this.#lastMinute.clear()
    this.#lastMinute.set(id, minute)
    if (this.#pending.size < MOST_PENDING) this.#pending.set(id, minute)
  }

  /** Returns the uses since the last call, milliseconds since 1970 by id; undefined if there are none. */
  take (): ReadonlyMap<string, number> | undefined {
    if (this.#pending.size === 0) return undefined
    const taken = this.#pending
    this.#pending = new Map()
    return taken
  }
}
