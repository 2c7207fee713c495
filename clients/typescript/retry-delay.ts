/** Share by which waits are lengthened at most, to spread clients that were refused together. */
const JITTER_SHARE = 0.25

const FIRST_BACKOFF_MS = 250
const LONGEST_BACKOFF_MS = 30_000

/** The shortest wait, even if the service says "at once". */
const LEAST_RETRY_AFTER_SECONDS = 0.1

/** Every valid form of an HTTP date ends in GMT; Date.parse alone would accept "1.5". */
const HTTP_DATE = /^[A-Z][a-z]+, .* GMT$/

/**
 * Returns the seconds of a Retry-After header, in seconds or as a date; undefined if it is absent or unreadable.
 *
 * @param epochMs the current time
 */
export function retryAfterSeconds (header: string | null, epochMs: number): number | undefined {
  const value = header?.trim() ?? ''
  if (/^\d+$/.test(value)) return Number(value)
  return HTTP_DATE.test(value) ? Math.max(0, Date.parse(value) - epochMs) / 1_000 : undefined
}

/** Returns the milliseconds to wait if the service asked for so many seconds: never less, and up to a quarter more. */
export function waitMs (seconds: number, random: number): number {
  return Math.ceil(Math.max(LEAST_RETRY_AFTER_SECONDS, seconds) * 1_000 * (1 + random * JITTER_SHARE))
}

/**
 * Returns the milliseconds to wait after a failure without Retry-After: exponential with full jitter, which spreads
 * clients best (M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
 *
 * @param failures in a row, this one included
 * @param random uniform in [0, 1)
 */
export function backoffMs (failures: number, random: number): number {
  return Math.max(1, Math.ceil(Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1)) * random))
}
