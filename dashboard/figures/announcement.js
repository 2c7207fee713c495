/** @import { State } from '../contract.d.ts' */
import { formatCount } from './format.js'

const CIRCUIT = {
  CLOSED: 'Circuit closed: everything is admitted again.',
  HALF_OPEN: 'Circuit half open: low priority is still refused.',
  OPEN: 'Circuit open: only critical events are admitted.'
}

/**
 * Returns the announcements for a screen reader after a change from one state to another. Changes of figures alone are
 * not announced.
 *
 * @param {State | undefined} before
 * @param {State} after
 * @returns {string[]}
 */
export function announcements (before, after) {
  if (before === undefined) return []
  /** @type {string[]} */
  const said = []
  if (before.isKnown !== after.isKnown) {
    said.push(after.isKnown ? 'The queue can be read again.' : 'The queue cannot be read; its depth is unknown.')
  }
  if (before.circuitState !== after.circuitState) said.push(CIRCUIT[after.circuitState])
  if (before.isPaused !== null && after.isPaused !== null && before.isPaused !== after.isPaused) {
    said.push(after.isPaused ? 'Workers are paused.' : 'Workers run again.')
  }
  if (before.mode !== after.mode)
    said
      .push({
        true: 'Backpressure sheds load.',
        observe: 'Backpressure observes only.',
        false: 'Backpressure is off.'
      }[after.mode])
  const [running, now] = [before.workers?.length, after.workers?.length]
  if (running !== 0 && now === 0) said.push('No worker is running.')
  if (running === 0 && now !== undefined && now > 0) said.push(`Workers running: ${formatCount(now)}.`)
  if (!isHeld(before) && isHeld(after)) said.push('No worker takes a batch.')
  return said
}

/** @param {State} state */
function isHeld ({ problems }) {
  return problems.some(({ kind, stops }) => kind === 'held' && stops === 'all')
}
