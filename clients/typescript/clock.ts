/** The time and the timers of a client, so that a test can turn them. */
export interface Clock {
  /** Milliseconds; only differences count. */
  readonly now: () => number
  readonly setTimeout: (callback: () => void, delayMs: number) => unknown
  readonly clearTimeout: (timer: unknown) => void
}

/** Its timers keep a process alive: an event that waits for its retry has not been answered yet. */
export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (timer) => { clearTimeout(timer as ReturnType<typeof setTimeout>) }
}
