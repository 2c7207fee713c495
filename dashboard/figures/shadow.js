/** @import { Shadow } from '../contract.d.ts' */
import { formatAgo, formatCount, formatRoughDuration } from './format.js'
import { textOf } from './settings.js'

/**
 * Lists the settings that are tried, each beside its value in force, and the circuit that they have led to.
 *
 * @param {Shadow} shadow
 */
export function shadowSettingsText ({ fields, circuitState, thresholds }) {
  const settings = fields.map(({ field, live, tried }) => `${field} ${valueText(tried)} instead of ${valueText(live)}`)
  return `${settings.join(', ')}. Its circuit is ${circuitState}, its critical threshold ${formatCount(thresholds.critical)}.`
}

/**
 * Says which span the counts cover.
 *
 * @param {Shadow} shadow
 * @param {number} time epoch milliseconds
 */
export function shadowSpanText ({ since, recentSeconds }, time) {
  const span = recentSeconds === 0 ? 'just begun' : `the last ${formatRoughDuration(recentSeconds)}`
  return `${span}, by this replica; began ${formatAgo(since, time)}`
}

/** @param {unknown} value */
function valueText (value) {
  return value === null ? 'none' : typeof value === 'number' ? formatCount(value) : textOf(value)
}
