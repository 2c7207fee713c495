const SECOND_MS = 1_000

/**
 * Passes at most `most` lines a second; the next one that passes has the number of omitted lines. `now` is monotonic,
 * ms.
 */
export function limitedPerSecond<Line> (
  most: number,
  log: (line: Line, suppressed: number) => void,
  now: () => number
): (line: Line) => void {
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
