const SECOND_MS = 1_000

/**
 * Wraps a log call so that at most so many lines pass in a second, and the next one that does says how many were left out.
 *
 * @param now milliseconds, of any clock that does not go back
 */
export function limitedPerSecond<Line> (most: number, log: (line: Line, suppressed: number) => void, now: () => number): (line: Line) => void {
  let beganAt = -Infinity
  let passed = 0
  let suppressed = 0
  return (line) => {
    const at = now()
    if (at - beganAt >= SECOND_MS) {
      beganAt = at
      passed = 0
    }
    if (passed >= most) {
      suppressed++
      return
    }
    passed++
    const leftOut = suppressed
    suppressed = 0
    log(line, leftOut)
  }
}
