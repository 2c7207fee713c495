/** The pause when a consumer asks for one without saying how long. */
export const DEFAULT_RETRY_AFTER_MS = 1_000

/** A consumer that asks for more is asked again after this long. */
export const MAX_RETRY_AFTER_MS = 3_600_000

/** "At once" still leaves this long: these retries use up no attempts, so nothing else would slow them down. */
export const MIN_RETRY_AFTER_MS = 250

/** Every form of HTTP date that may still be sent ends in GMT; Date.parse alone would take "1.5" for a date. */
const HTTP_DATE = /^[A-Z][a-z]+, .* GMT$/

/** Milliseconds that a Retry-After header, in seconds or as an HTTP date, asks to wait. */
export function retryAfterMs (header: string | null, now: number): number {
  const value = header?.trim() ?? ''
  const asked = /^\d+$/.test(value) ? Number(value) * 1000
    : HTTP_DATE.test(value) ? Date.parse(value) - now
      : Number.NaN
  if (Number.isNaN(asked)) return DEFAULT_RETRY_AFTER_MS
  return Math.min(MAX_RETRY_AFTER_MS, Math.max(MIN_RETRY_AFTER_MS, asked))
}
