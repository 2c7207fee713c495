/** @import { Mode, State } from '../contract.d.ts' */
import { formatCount, formatPlural } from '../figures/format.js'

/** @typedef {{ title: string, paragraphs: string[], verb: string }} Question */

/** Names of the modes on this page. @type {Record<Mode, string>} */
export const MODE_NAMES = { true: 'enforce', observe: 'observe', false: 'off' }

/** @type {Record<Mode, string>} */
export const MODE_MEANINGS = {
  true: 'Sheds load in order of priority.',
  observe: 'Decides, counts and logs, and admits everything: only the memory of Redis bounds the queue.',
  false: 'Decides nothing and admits everything: only the memory of Redis bounds the queue.'
}

/**
 * Describes the effect of a reset with the current figures.
 *
 * @param {State} state
 * @returns {Question}
 */
export function resetQuestion ({ depth, thresholds, circuitState }) {
  const paragraphs = ['The circuit closes on every replica, and the counters of refusals go to zero.']
  if (depth === null)
    paragraphs.push('The depth of the queue is unknown: the next reading decides the state of the circuit.')
  else if (depth >= thresholds.critical) {
    paragraphs
      .push(`The queue holds ${formatCount(depth)} events, and ${
        formatCount(thresholds.critical)
      } open the circuit: it will open again at once.`)
  } else if (circuitState === 'CLOSED') paragraphs.push('The circuit is already closed.')
  else paragraphs
      .push(`The queue holds ${formatPlural(depth, 'event')}; Spillway admits everything again until it holds ${
        formatCount(thresholds.critical)
      }.`)
  return { title: 'Reset the circuit?', paragraphs, verb: 'Reset the circuit' }
}

/**
 * Whether the workers are paused, or were at the last reading of the queue.
 *
 * @param {State} state
 */
export function isPausedAsFarAsKnown ({ isPaused, lastKnown }) {
  return isPaused ?? lastKnown?.isPaused ?? false
}

/**
 * Describes the effect of a pause or of its end.
 *
 * @param {State} state
 * @returns {Question}
 */
export function pauseQuestion (state) {
  const { depth, arrivalRate, thresholds } = state
  if (isPausedAsFarAsKnown(state)) {
    return {
      title: 'Resume the workers?',
      paragraphs: [
        `All workers take batches again${depth === null ? '' : `; ${formatPlural(depth, 'event')} in the queue`}.`
      ],
      verb: 'Resume the workers'
    }
  }
  const paragraphs = [
    'No worker of any process takes a new batch until you resume them. Workers finish their current batches, and ' +
    'Spillway still accepts events.'
  ]
  const rate = arrivalRate ?? 0
  if (depth !== null && rate > 0 && depth < thresholds.critical) {
    paragraphs
      .push(`At ${
        formatCount(Math.max(1, rate))
      } events per second the queue will reach its critical threshold in about ${
        formatCount(Math.max(1, (thresholds.critical - depth) / rate / 60))
      } min.`)
  }
  return { title: 'Pause the workers?', paragraphs, verb: 'Pause the workers' }
}

/** Asks for other thresholds. @type {Question} */
export const THRESHOLDS_QUESTION = {
  title: 'Change the thresholds?',
  paragraphs: [
    'Applies to every replica at once, survives restarts, and lasts until the next change.',
    'Enter numbers of events: recovery < warning < critical < hard limit. An empty field returns to its configured ' +
    'value.'
  ],
  verb: 'Change'
}

/** Asks for other values of the settings beside the thresholds. @type {Question} */
export const SETTINGS_QUESTION = {
  title: 'Change the settings?',
  paragraphs: [
    'Applies to every replica at once, survives restarts, and lasts until the next change.',
    'An empty field returns to its configured value.'
  ],
  verb: 'Change'
}

/**
 * Asks before dead letters are deleted.
 *
 * @param {number} count of dead letters
 * @returns {Question}
 */
export function deletionQuestion (count) {
  return {
    title: `Delete ${formatPlural(count, 'dead letter')}?`,
    paragraphs: ['This cannot be undone: Spillway neither delivers their events nor keeps a copy.'],
    verb: 'Delete'
  }
}

/**
 * Describes the result of a deletion.
 *
 * @param {number} deleted
 * @param {number} asked
 */
export function deletionResult (deleted, asked) {
  const gone = asked - deleted
  return `${formatPlural(deleted, 'dead letter')} deleted${
    gone === 0 ? '' : `, ${gone} of ${asked} ${gone === 1 ? 'was' : 'were'} already gone`
  }.`
}

/**
 * Describes the effect of a replay.
 *
 * @param {number} count of dead letters
 * @param {string} which the beginning of a sentence that names them
 * @returns {Question}
 */
export function replayQuestion (count, which) {
  return {
    title: `Replay ${formatPlural(count, 'dead letter')}?`,
    paragraphs: [
      `${which} put back into the queue behind all other events, using spare capacity only. Their attempts start again from one.`,
      'You can cancel the replay; events that are already back in the queue stay there.'
    ],
    verb: 'Replay'
  }
}
