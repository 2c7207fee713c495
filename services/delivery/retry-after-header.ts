/** The pause when a consumer asks for one without saying how long. */
export const DEFAULT_RETRY_AFTER_MS = 1_000

/** A consumer that asks to be asked again "at once" is asked again after this long. */
export const MIN_RETRY_AFTER_MS = 250

const DAY = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/
const CENTURY = 100

/** Milliseconds that a Retry-After header, in seconds or as an HTTP date, asks to wait, `mostMs` at most. */
export function retryAfterMs (header: string | null, now: number, mostMs: number): number {
  const value = header?.trim() ?? ''
  const asked = /^\d+$/.test(value) ? Number(value) * 1_000 : parseHttpDate(value, now) - now
  return Math.min(mostMs, Number.isNaN(asked) ? DEFAULT_RETRY_AFTER_MS : Math.max(MIN_RETRY_AFTER_MS, asked))
}

/**
 * Reads the three forms of RFC 9110 5.6.7, all in UTC; NaN for anything else. Without the name of a day, `Date.parse`
 * would take "1.5" for a date, and the form without a zone for local time.
 */
function parseHttpDate (text: string, now: number): number {
  if (!DAY.test(text)) return Number.NaN
  const date = text.replace(/-(\d\d) /, (_, digits: string) => `-${fullYear(Number(digits), now)} `)
  return Date.parse(date.endsWith(' GMT') ? date : `${date} GMT`)
}

/** RFC 9110: two digits that seem more than 50 years ahead are of the last such year. */
function fullYear (digits: number, now: number): number {
  const present = new Date(now).getUTCFullYear()
  const year = present - present % CENTURY + digits
  return year > present + CENTURY / 2 ? year - CENTURY : year
}
