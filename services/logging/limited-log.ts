const SECOND_MS = 1_000

/** Lets so many lines a second pass; the next one that passes says how many were left out. `now` is monotonic, ms. */
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
