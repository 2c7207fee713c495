/** The pause if a consumer asks for one without a length. */
export const DEFAULT_RETRY_AFTER_MS = 1_000

/** The shortest pause, also for a consumer that asks for none. */
export const MIN_RETRY_AFTER_MS = 250

const DAY = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/
const CENTURY = 100

/**
 * Returns the wait in milliseconds that a Retry-After header asks for, in seconds or as an HTTP date; `mostMs` at most.
 */
export function retryAfterMs (header: string | null, now: number, mostMs: number): number {
  const value = header?.trim() ?? ''
  const asked = /^\d+$/.test(value) ? Number(value) * 1_000 : parseHttpDate(value, now) - now
  return Math.min(mostMs, Number.isNaN(asked) ? DEFAULT_RETRY_AFTER_MS : Math.max(MIN_RETRY_AFTER_MS, asked))
}

/**
 * Reads the three forms of RFC 9110 5.6.7, all in UTC; NaN for anything else. Without a check for the name of a day,
 * `Date.parse` would read "1.5" as a date, and the form without a zone as local time.
 */
function parseHttpDate (text: string, now: number): number {
  if (!DAY.test(text)) return Number.NaN
  const date = text.replace(/-(\d\d) /, (_, digits: string) => `-${fullYear(Number(digits), now)} `)
  return Date.parse(date.endsWith(' GMT') ? date : `${date} GMT`)
}

/** RFC 9110: a year of two digits that seems more than 50 years ahead is the latest such year in the past. */
function fullYear (digits: number, now: number): number {
  const present = new Date(now).getUTCFullYear()
  const year = present - present % CENTURY + digits
  return year > present + CENTURY / 2 ? year - CENTURY : year
}
