/** A broken connection repeats itself hundreds of times a second; once in this time says enough. */
export const REPEAT_INTERVAL_MS = 10_000

/** Most messages that are kept apart; some carry a number and would pile up. */
const MOST_MESSAGES = 100

/** Lets the same message pass once per interval, with the number left out since. `now` is monotonic, ms. */
export function throttled (log: (error: Error, suppressed: number) => void, now: () => number): (error: Error) => void {
  const last = new Map<string, { at: number, suppressed: number }>()
  return (error) => {
    const entry = last.get(error.message)
    if (entry !== undefined && now() - entry.at < REPEAT_INTERVAL_MS) {
      entry.suppressed++
      return
    }
    if (last.size >= MOST_MESSAGES) last.clear()
    last.set(error.message, { at: now(), suppressed: 0 })
    log(error, entry?.suppressed ?? 0)
  }
}
