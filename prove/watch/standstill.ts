const TICK_MS = 50

/**
 * Records each period in which a timer of this process was late: then the machine stood still, which is not a fault of
 * Spillway.
 */
export class Standstill {
  readonly #leastMs: number
  readonly #onStandstill: (fromMs: number, toMs: number) => void
  readonly #now: () => number
  #timer: NodeJS.Timeout | undefined

  /** @param leastMs a delay below this does not count */
  constructor (leastMs: number, now: () => number, onStandstill: (fromMs: number, toMs: number) => void) {
    this.#leastMs = leastMs
    this.#now = now
    this.#onStandstill = onStandstill
  }

  start (): void {
    let last = this.#now()
    this.#timer = setInterval(() => {
      const now = this.#now()
      if (now - last >= this.#leastMs + TICK_MS) this.#onStandstill(last, now)
      last = now
    }, TICK_MS)
  }

  stop (): void {
    clearInterval(this.#timer)
  }
}
