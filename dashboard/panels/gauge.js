/** @import { State } from '../contract.d.ts' */
import { svg } from '../element.js'

/** The scale ends a quarter above the value that opens the circuit. */
const MOST_PERCENT = 125

const RADIUS = 40
const CENTRE_X = 50
const CENTRE_Y = 50

/**
 * Draws the depth as a share of the critical threshold on a half circle, with a tick at each threshold.
 *
 * @param {Pick<State, 'thresholds'>} measure
 * @param {number | null} percent
 */
export function gauge ({ thresholds }, percent) {
  const ticks = [thresholds.recovery, thresholds.warning, thresholds.critical].map((threshold) =>
    threshold / thresholds.critical * 100
  )
  return svg(
    'svg',
    { viewBox: '0 0 100 57', 'aria-hidden': 'true', fill: 'none' },
    svg('path', { class: 'track', d: arc(MOST_PERCENT), 'stroke-width': 11 }),
    percent !== null && percent > 0 &&
      svg('path', { class: 'level', d: arc(Math.min(percent, MOST_PERCENT)), 'stroke-width': 11 }),
    ...ticks.map((tick) => {
      const [fromX, fromY] = place(tick, RADIUS - 7.5)
      const [toX, toY] = place(tick, RADIUS + 7.5)
      return svg('path', { class: 'tick', d: `M${fromX} ${fromY}L${toX} ${toY}` })
    }))
}

/** @param {number} percent */
function arc (percent) {
  const [x, y] = place(percent, RADIUS)
  return `M${CENTRE_X - RADIUS} ${CENTRE_Y}A${RADIUS} ${RADIUS} 0 0 1 ${x} ${y}`
}

/**
 * @param {number} percent
 * @param {number} radius
 * @returns {[number, number]}
 */
function place (percent, radius) {
  const angle = Math.PI * (1 - percent / MOST_PERCENT)
  return [round(CENTRE_X + radius * Math.cos(angle)), round(CENTRE_Y - radius * Math.sin(angle))]
}

/** @param {number} length */
function round (length) {
  return Math.round(length * 100) / 100
}
