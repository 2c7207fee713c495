/** @import { LastKnown } from '../contract.d.ts' */
import { formatClock, UNKNOWN } from './format.js'

/**
 * Returns the text of an unknown figure, with its last value and time.
 *
 * @param {LastKnown | null} lastKnown
 * @param {(known: LastKnown) => string | null} read the text of the figure; null if it was unknown then too
 * @param {{ timeZone?: string }} [options]
 */
export function unknownText (lastKnown, read, options) {
  const text = lastKnownText(lastKnown, read, options)
  return text === undefined ? UNKNOWN : `${UNKNOWN}, ${text}`
}

/**
 * Returns the last value of a figure and its time; undefined if it never had one.
 *
 * @param {LastKnown | null} lastKnown
 * @param {(known: LastKnown) => string | null} read
 * @param {{ timeZone?: string }} [options]
 */
export function lastKnownText (lastKnown, read, { timeZone } = {}) {
  const text = lastKnown === null ? null : read(lastKnown)
  if (lastKnown === null || text === null) return undefined
  return `last known ${text} at ${formatClock(Date.parse(lastKnown.at), { withSeconds: true, timeZone })}`
}
