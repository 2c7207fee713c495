/** The pause when a consumer asks for one without saying how long. */
export const DEFAULT_RETRY_AFTER_MS = 1_000

/** A consumer that asks to be asked again "at once" is asked again after this long. */
export const MIN_RETRY_AFTER_MS = 250

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const CENTURY = 100

/**
 * The three forms of RFC 9110 5.6.7, all of them in UTC. `Date.parse` would read the third one as local time, and "1.5"
 * as a date.
 */
const FORMS: readonly RegExp[] = [
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/
]

/**
 * Milliseconds that a Retry-After header, in seconds or as an HTTP date, asks to wait.
 *
 * @param mostMs a consumer that asks for more is asked again after this long
 */
export function retryAfterMs (header: string | null, now: number, mostMs: number): number {
  const value = header?.trim() ?? ''
  const asked = /^\d+$/.test(value) ? Number(value) * 1_000 : parseHttpDate(value, now) - now
  return Math.min(mostMs, Number.isNaN(asked) ? DEFAULT_RETRY_AFTER_MS : Math.max(MIN_RETRY_AFTER_MS, asked))
}

/** Milliseconds since 1970 of an HTTP date; NaN for anything else. */
function parseHttpDate (text: string, now: number): number {
  for (const form of FORMS) {
    const { day, month, year, time } = form.exec(text)?.groups ?? {}
    if (day === undefined || month === undefined || year === undefined || time === undefined) continue
    const [hours, minutes, seconds] = time.split(':').map(Number) as [number, number, number]
    if (!MONTHS.includes(month) || Number(day) > 31 || hours > 23 || minutes > 59 || seconds > 60) return Number.NaN
    return Date.UTC(
      year.length === 2 ? fullYear(Number(year), now) : Number(year),
      MONTHS.indexOf(month),
      Number(day),
      hours,
      minutes,
      seconds
    )
  }
  return Number.NaN
}

/**
 * RFC 9110: a year of two digits that seems to be more than 50 years ahead is the last one in the past with these
 * digits.
 */
function fullYear (digits: number, now: number): number {
  const present = new Date(now).getUTCFullYear()
  const year = present - present % CENTURY + digits
  return year > present + CENTURY / 2 ? year - CENTURY : year
}
