/** Waits that are asked for are made longer by up to this share, so that clients which were refused together do not come back together. */
const JITTER_SHARE = 0.25

const FIRST_BACKOFF_MS = 250
const LONGEST_BACKOFF_MS = 30_000

/** "At once" still leaves a moment. */
const LEAST_RETRY_AFTER_SECONDS = 0.1

/** Every form of HTTP date that may still be sent ends in GMT; Date.parse alone would take "1.5" for a date. */
const HTTP_DATE = /^[A-Z][a-z]+, .* GMT$/

/**
 * Seconds that a Retry-After header, in seconds or as a date, asks to wait; undefined when it is absent or unreadable.
 *
 * @param epochMs the time now
 */
export function retryAfterSeconds (header: string | null, epochMs: number): number | undefined {
  const value = header?.trim() ?? ''
  if (/^\d+$/.test(value)) return Number(value)
  return HTTP_DATE.test(value) ? Math.max(0, Date.parse(value) - epochMs) / 1_000 : undefined
}

/** Milliseconds to wait when a service asked for so many seconds: never less, and up to a quarter more. */
export function waitMs (seconds: number, random: number): number {
  return Math.ceil(Math.max(LEAST_RETRY_AFTER_SECONDS, seconds) * 1_000 * (1 + random * JITTER_SHARE))
}

/**
 * Milliseconds to wait after a failure that says nothing of when to come back: exponential with full jitter, which spreads clients best
 * (M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
 *
 * @param failures in a row, this one included
 * @param random uniform in [0, 1)
 */
export function backoffMs (failures: number, random: number): number {
  return Math.max(1, Math.ceil(Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1)) * random))
}
