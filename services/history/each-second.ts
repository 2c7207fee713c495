const MS_PER_SECOND = 1_000

/**
 * Calls back at each full second of the wall clock, with that second of the epoch. A second in which the process did not run is
 * left out. Answers what ends it; it does not keep the process alive.
 */
export function eachSecond (tick: (second: number) => void, now: () => number): () => void {
  let timer: NodeJS.Timeout
  const arm = () => {
    timer = setTimeout(() => {
      arm()
      // A timer may come a little before its time.
      tick(Math.round(now() / MS_PER_SECOND))
    }, MS_PER_SECOND - now() % MS_PER_SECOND)
    timer.unref()
  }
  arm()
  return () => clearTimeout(timer)
}
