/** A broken connection may fail hundreds of times a second; each message is logged once in this time. */
export const REPEAT_INTERVAL_MS = 10_000

/** Most messages that are distinguished; those with numbers in them would accumulate. */
const MOST_MESSAGES = 100

/** Passes the same message once per interval, with the number of omitted ones. `now` is monotonic, ms. */
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
