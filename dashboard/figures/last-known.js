/** @import { LastKnown } from '../contract.d.ts' */
import { formatClock, UNKNOWN } from './format.js'

/**
 * A figure that is unknown now, with what it was last and when.
 *
 * @param {LastKnown | null} lastKnown
 * @param {(known: LastKnown) => string | null} read what is told of it; null for a figure that was unknown then, too
 * @param {{ timeZone?: string }} [options]
 */
export function unknownText (lastKnown, read, options) {
  const text = lastKnownText(lastKnown, read, options)
  return text === undefined ? UNKNOWN : `${UNKNOWN}, ${text}`
}

/**
 * What a figure was last and when; undefined when it never was.
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
