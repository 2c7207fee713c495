/** @import { CircuitState } from '../contract.d.ts' */
import { svg } from '../element.js'

/**
 * The end of the lever of the switch in each state.
 *
 * @type {Record<CircuitState | 'UNKNOWN', { x: number, y: number }>}
 */
const LEVER = {
  CLOSED: { x: 50, y: 26 }, HALF_OPEN: { x: 47, y: 16 }, OPEN: { x: 41, y: 6 }, UNKNOWN: { x: 47, y: 16 }
}

/**
 * Draws the switch symbol of circuit diagrams: its lever shows the state, and is dotted while the state is unknown.
 *
 * @param {CircuitState | 'UNKNOWN'} state
 */
export function switchSymbol (state) {
  const { x, y } = LEVER[state]
  return svg('svg', { viewBox: '0 0 72 36', 'aria-hidden': 'true' },
    svg('path', { d: 'M4 26h14M54 26h14' }),
    svg('path', {
      d: `M22 26L${x} ${y}`,
      ...(state === 'HALF_OPEN' && { 'stroke-dasharray': '5 4.5' }),
      ...(state === 'UNKNOWN' && { 'stroke-dasharray': '0.1 5' })
    }),
    svg('circle', { class: 'terminal', cx: 20, cy: 26, r: 3.2 }),
    svg('circle', { class: 'terminal', cx: 52, cy: 26, r: 3.2 }))
}
