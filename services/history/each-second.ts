const MS_PER_SECOND = 1_000

/** A timer may come so much before its time. */
const MOST_EARLY_MS = 50

/**
 * Calls back at each full second of the epoch, never twice with one while the clock goes forward; leaves out seconds in
 * which the process did not run. Returns its end, and does not keep the process alive.
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

/** The second that a timer stands for which comes now, milliseconds of the epoch, and how long it is until the next one. */
export function secondAt (nowMs: number): { second: number, untilNextMs: number } {
  const second = Math.floor((nowMs + MOST_EARLY_MS) / MS_PER_SECOND)
  return { second, untilNextMs: (second + 1) * MS_PER_SECOND - nowMs }
}
