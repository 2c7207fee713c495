const MS_PER_SECOND = 1_000

/** A timer may fire this much too early. */
const MOST_EARLY_MS = 50

/**
 * Calls back at each full second of the epoch, at most once for each while the clock goes forward; omits seconds in
 * which the process did not run. Returns a function that ends it, and does not keep the process alive.
 */
export function eachSecond (tick: (second: number) => void, now: () => number): () => void {
  let timer: NodeJS.Timeout
  const arm = (delayMs: number) => {
    timer = setTimeout(() => {
      const { second, untilNextMs } = secondAt(now())
      arm(untilNextMs)
      tick(second)
    }, delayMs)
    timer.unref()
  }
  arm(secondAt(now()).untilNextMs)
  return () => clearTimeout(timer)
}

/** Returns the second, in milliseconds of the epoch, for a timer that fires now, and the time until the next one. */
export function secondAt (nowMs: number): { second: number, untilNextMs: number } {
  const second = Math.floor((nowMs + MOST_EARLY_MS) / MS_PER_SECOND)
  return { second, untilNextMs: (second + 1) * MS_PER_SECOND - nowMs }
}
