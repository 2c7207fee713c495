/** @import { Incident } from '../contract.d.ts' */
import { formatClock } from './format.js'

/** @typedef {{ at: number, isAway: boolean }} ConsumerMark epoch seconds */

/**
 * Returns when the consumer went away and came back within a period.
 *
 * @param {readonly Incident[]} incidents
 * @param {number} from epoch seconds
 * @param {number} to epoch seconds
 * @returns {ConsumerMark[]}
 */
export function consumerMarks (incidents, from, to) {
  return incidents.filter(({ kind }) => kind === 'consumer-away' || kind === 'consumer-back')
    .map(({ time, kind }) => ({ at: time / 1_000, isAway: kind === 'consumer-away' }))
    .filter(({ at }) => at >= from && at <= to)
}

/**
 * Describes a mark, for the chart and for screen readers.
 *
 * @param {ConsumerMark} mark
 * @param {{ timeZone?: string }} [options]
 */
export function describeMark ({ at, isAway }, { timeZone } = {}) {
  return `consumer ${isAway ? 'away' : 'back'} ${formatClock(at * 1_000, { withSeconds: true, timeZone })}`
}
