/** The time and the timers of a client, so that a test can control them. */
export interface Clock {
  /** Milliseconds; only differences matter. */
  readonly now: () => number
  readonly setTimeout: (callback: () => void, delayMs: number) => unknown
  readonly clearTimeout: (timer: unknown) => void
}

/** Its timers keep the process alive, since an event that waits for its retry has no answer yet. */
export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (timer) => { clearTimeout(timer as ReturnType<typeof setTimeout>) }
}
