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
 * Says what a reset will do, with the figures of now.
 *
 * @param {State} state
 * @returns {Question}
 */
export function resetQuestion ({ depth, thresholds, circuitState }) {
  const paragraphs = ['The circuit closes on every replica, and the counters of refusals go to zero.']
  if (depth === null) paragraphs.push('The depth of the queue is unknown: what the circuit does next depends on what is found.')
  else if (depth >= thresholds.critical) {
    paragraphs.push(`The queue holds ${formatCount(depth)} events, no fewer than the ${formatCount(thresholds.critical)} that open the circuit: it will open again at once.`)
  } else if (circuitState === 'CLOSED') paragraphs.push('The circuit is closed already.')
  else paragraphs.push(`The queue holds ${formatPlural(depth, 'event')}; everything is admitted again until it holds ${formatCount(thresholds.critical)}.`)
  return { title: 'Reset the circuit?', paragraphs, verb: 'Reset the circuit' }
}

/**
 * Whether the workers are paused, or were when the queue was read last.
 *
 * @param {State} state
 */
export function isPausedAsFarAsKnown ({ isPaused, lastKnown }) {
  return isPaused ?? lastKnown?.isPaused ?? false
}

/**
 * Says what a pause, or its end, will do.
 *
 * @param {State} state
 * @returns {Question}
 */
export function pauseQuestion (state) {
  const { depth, arrivalRate, thresholds } = state
  if (isPausedAsFarAsKnown(state)) {
    return { title: 'Resume the workers?', paragraphs: [`All workers take batches again${depth === null ? '' : `; ${formatPlural(depth, 'event')} in the queue`}.`], verb: 'Resume the workers' }
  }
  const paragraphs = ['No worker of any process takes a new batch until they are resumed. What is in work is finished; events are still taken in.']
  const rate = arrivalRate ?? 0
  if (depth !== null && rate > 0 && depth < thresholds.critical) {
    paragraphs.push(`At ${formatCount(Math.max(1, rate))} events per second the queue would be at its critical threshold in about ${formatCount(Math.max(1, (thresholds.critical - depth) / rate / 60))} min.`)
  }
  return { title: 'Pause the workers?', paragraphs, verb: 'Pause the workers' }
}

/** Asks for other thresholds. @type {Question} */
export const THRESHOLDS_QUESTION = {
  title: 'Change the thresholds?',
  paragraphs: [
    'On every replica, at once, and until they are changed again; also across restarts.',
    'In events, in the order recovery < warning < critical < hard limit. An empty field takes its configured value.'
  ],
  verb: 'Change'
}

/** Asks for other values of the settings beside the thresholds. @type {Question} */
export const SETTINGS_QUESTION = {
  title: 'Change the settings?',
  paragraphs: [
    'On every replica, at once, and until they are changed again; also across restarts.',
    'An empty field takes its configured value.'
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
    paragraphs: ['Their events are gone for good: they are neither delivered nor kept anywhere else.'],
    verb: 'Delete'
  }
}

/**
 * Says how many dead letters a deletion found.
 *
 * @param {number} deleted
 * @param {number} asked
 */
export function deletionResult (deleted, asked) {
  const gone = asked - deleted
  return `${formatPlural(deleted, 'dead letter')} deleted${gone === 0 ? '' : `, ${gone} of ${asked} ${gone === 1 ? 'was' : 'were'} gone already`}.`
}

/**
 * Says what a replay will do.
 *
 * @param {number} count of dead letters
 * @param {string} which a few words that name them
 * @returns {Question}
 */
export function replayQuestion (count, which) {
  return {
    title: `Replay ${formatPlural(count, 'dead letter')}?`,
    paragraphs: [
      `${which} put back into the queue, behind all other events, and only with capacity that nobody else wants. Their attempts begin anew.`,
      'It can be cancelled; what was put back by then stays in the queue.'
    ],
    verb: 'Replay'
  }
}
