const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const ONE_DIGIT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 })

/** The text for an unknown figure, which must not look like zero. */
export const UNKNOWN = 'unknown'

/**
 * Formats a count with separators: `61,200`.
 *
 * @param {number | null | undefined} count
 */
export function formatCount (count) {
  return count === null || count === undefined ? UNKNOWN : WHOLE.format(count)
}

/**
 * Formats a count for an axis: `61.2k`.
 *
 * @param {number} count
 */
export function formatShortCount (count) {
  const size = Math.abs(count)
  if (size >= 1e6) return `${ONE_DIGIT.format(count / 1e6)}M`
  if (size >= 1e3) return `${ONE_DIGIT.format(count / 1e3)}k`
  return ONE_DIGIT.format(count)
}

/**
 * Formats events per second without the unit, small rates with one decimal.
 *
 * @param {number | null | undefined} rate
 */
export function formatRate (rate) {
  if (rate === null || rate === undefined) return UNKNOWN
  return Math.abs(rate) < 10 ? ONE_DIGIT.format(rate) : WHOLE.format(rate)
}

/**
 * Formats a time span in its two largest units: `8 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
 *
 * @param {number | null | undefined} seconds
 */
export function formatDuration (seconds) {
  if (seconds === null || seconds === undefined) return UNKNOWN
  if (seconds < 10) return `${ONE_DIGIT.format(Math.max(0, seconds))} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return twoUnits(whole, 60, 'min', 1, 's')
  if (whole < 86_400) return twoUnits(whole, 3_600, 'h', 60, 'min')
  return twoUnits(whole, 86_400, 'd', 3_600, 'h')
}

/**
 * Formats an estimated time span in one unit: `8 s`, `3 min`, `2 h`.
 *
 * @param {number} seconds
 */
export function formatRoughDuration (seconds) {
  if (seconds < 1) return 'under a second'
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`
  if (seconds < 129_600) return `${Math.round(seconds / 3_600)} h`
  return `${Math.round(seconds / 86_400)} d`
}

/**
 * @param {number} whole
 * @param {number} large
 * @param {string} largeUnit
 * @param {number} small
 * @param {string} smallUnit
 */
function twoUnits (whole, large, largeUnit, small, smallUnit) {
  const rest = Math.floor(whole % large / small)
  return `${Math.floor(whole / large)} ${largeUnit}${rest === 0 ? '' : ` ${rest} ${smallUnit}`}`
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** @param {number} bytes */
export function formatBytes (bytes) {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  return `${ONE_DIGIT.format(bytes / 1_024 ** power)} ${UNITS[power]}`
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const clocks = new Map()

/**
 * Formats the time of day: `14:02` or `14:02:31`.
 *
 * @param {number} time epoch milliseconds
 * @param {{ withSeconds?: boolean, timeZone?: string }} [options] the zone of the reader unless another is named
 */
export function formatClock (time, { withSeconds = false, timeZone } = {}) {
  const key = `${withSeconds} ${timeZone}`
  let clock = clocks.get(key)
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      ...(withSeconds && { second: '2-digit' }),
      hourCycle: 'h23',
      timeZone
    })
    clocks.set(key, clock)
  }
  return clock.format(time)
}

/** @type {Map<string | undefined, Intl.DateTimeFormat>} */
const dates = new Map()

/**
 * Formats date and time: `29 Nov 2026, 14:02:31`.
 *
 * @param {number} time epoch milliseconds
 * @param {string} [timeZone] the zone of the reader unless another is named
 */
export function formatDate (time, timeZone) {
  let date = dates.get(timeZone)
  if (date === undefined) {
    date = new Intl.DateTimeFormat('en-GB', {
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      timeZone
    })
    dates.set(timeZone, date)
  }
  return date.format(time)
}

/**
 * Formats the time since an event: `3 min ago`.
 *
 * @param {number} time epoch milliseconds
 * @param {number} now the same
 */
export function formatAgo (time, now) {
  return now - time < 1_000 ? 'just now' : `${formatRoughDuration((now - time) / 1_000)} ago`
}

/**
 * Formats a count with its noun: `1 event`, `2,000 events`.
 *
 * @param {number} count
 * @param {string} noun
 */
export function formatPlural (count, noun) {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/**
 * Joins words: `low`, `low and normal`, `low, normal and critical`.
 *
 * @param {readonly string[]} words
 */
export function formatList (words) {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
