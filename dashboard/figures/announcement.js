/** @import { State } from '../contract.d.ts' */
import { formatCount } from './format.js'

const CIRCUIT = {
  CLOSED: 'Circuit closed: everything is admitted again.',
  HALF_OPEN: 'Circuit half open: low priority is still refused.',
  OPEN: 'Circuit open: only critical events are admitted.'
}

/**
 * What a screen reader should say when one state follows another: changes of state, never figures that merely moved.
 *
 * @param {State | undefined} before
 * @param {State} after
 * @returns {string[]}
 */
export function announcements (before, after) {
  if (before === undefined) return []
  /** @type {string[]} */
  const said = []
  if (before.isDepthKnown !== after.isDepthKnown) said.push(after.isDepthKnown ? 'The queue can be read again.' : 'The queue cannot be read; its depth is unknown.')
  if (before.circuitState !== after.circuitState) said.push(CIRCUIT[after.circuitState])
  if (before.isPaused !== after.isPaused) said.push(after.isPaused ? 'Workers are paused.' : 'Workers run again.')
  if (before.mode !== after.mode) said.push({ true: 'Backpressure sheds load.', observe: 'Backpressure observes only.', false: 'Backpressure is off.' }[after.mode])
  if (before.workers.length > 0 && after.workers.length === 0) said.push('No worker is running.')
  if (before.workers.length === 0 && after.workers.length > 0) said.push(`Workers running: ${formatCount(after.workers.length)}.`)
  return said
}
