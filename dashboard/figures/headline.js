/** @import { Decision, Incident, PriorityClass, State } from '../contract.d.ts' */
import { formatClock, formatCount, formatList, formatPlural, formatRoughDuration } from './format.js'
import { meaningOf } from './reason.js'

/** In the order in which they are given up. @type {readonly PriorityClass[]} */
const CLASSES = ['low', 'normal', 'critical']

/** A run of refusals that ended longer ago than this is another story. */
const SAME_RUN_MS = 60_000

/**
 * @typedef {'good' | 'notice' | 'bad' | 'unknown'} Tone
 * @typedef {{ tone: Tone, text: string }} Headline
 */

/**
 * One sentence that says how Spillway is, most important first.
 *
 * @param {State} state
 * @param {readonly Incident[]} incidents newest last
 * @param {{ timeZone?: string }} [options]
 * @returns {Headline}
 */
export function headline (state, incidents, { timeZone } = {}) {
  const clock = (/** @type {number} */ time) => formatClock(time, { timeZone })
  const refused = CLASSES.filter((name) => !state.decisions[name].admitted)
  const since = (/** @type {number | undefined} */ time) => time === undefined ? '' : ` since ${clock(time)}`

  if (!state.isDepthKnown || state.depth === null) {
    const lost = incidents.findLast(({ kind }) => kind === 'queue-lost')
    const consequence = state.mode !== 'true' || refused.length === 0 ? '' : `, ${formatList(refused)} ${refused.length === 1 ? 'is' : 'are'} refused`
    const spooled = state.spool !== null && state.spool.events > 0 ? `, ${formatPlural(state.spool.events, 'event')} in the spool` : ''
    return { tone: 'bad', text: `Queue out of reach${since(lost?.time)}: depth unknown${consequence}${spooled}` }
  }
  if (state.mode === 'false') {
    const standstill = standstillOf(state)
    return { tone: state.workers.length === 0 ? 'bad' : 'notice', text: `Backpressure is off: everything is admitted (${depthOf(state)}${standstill === undefined ? '' : `, ${standstill}`})` }
  }
  if (refused.length > 0) {
    const verb = state.mode === 'observe' ? 'Observing only: would shed' : state.circuitState === 'HALF_OPEN' ? 'Recovering, still shedding' : 'Shedding'
    const detail = [`circuit ${state.circuitState}`, depthOf(state), drainOf(state), ...whyBesidesCircuit(state, refused)]
    return { tone: refused.includes('normal') ? 'bad' : 'notice', text: `${verb} ${formatList(refused)}${since(refusingSince(state, refused))} (${detail.join(', ')})` }
  }
  if (state.isPaused) {
    const pause = incidents.findLast(({ kind }) => kind === 'paused' || kind === 'resumed')
    return { tone: 'notice', text: `Workers are paused${since(pause?.kind === 'paused' ? pause.time : undefined)}: ${waitingOf(state.depth)}, new ones are admitted` }
  }
  if (state.workers.length === 0) return { tone: 'bad', text: `No worker is running: ${waitingOf(state.depth)}, new ones are admitted` }
  const observing = state.mode === 'observe' ? 'Observing only: ' : ''
  if (state.depth >= state.thresholds.warning) return { tone: 'notice', text: `${observing}Falling behind, everything is still admitted (${depthOf(state)}, ${drainOf(state)})` }
  if ((state.pausedForMs ?? 0) > 0) return { tone: 'notice', text: `${observing}Deliveries wait for the consumer, everything is still admitted (${depthOf(state)})` }
  const text = `${observing}All is well: everything is admitted (circuit ${state.circuitState}, ${depthOf(state)})`
  return { tone: 'good', text: observing === '' ? text : text.replace('All is well: everything', 'everything') }
}

/**
 * The same once nothing is heard any more: what was true then is not said of now.
 *
 * @param {Headline} last
 * @param {number} since epoch milliseconds
 * @param {{ timeZone?: string }} [options]
 * @returns {Headline}
 */
export function staleHeadline ({ text }, since, { timeZone } = {}) {
  return { tone: 'unknown', text: `No figures since ${formatClock(since, { withSeconds: true, timeZone })}. The last ones said: ${text}` }
}

/** @param {State} state */
function depthOf ({ depth, thresholds }) {
  return `depth ${formatCount(depth)} of ${formatCount(thresholds.critical)}`
}

/** @param {number} depth */
function waitingOf (depth) {
  return depth === 0 ? 'no event waits' : depth === 1 ? '1 event waits' : `${formatCount(depth)} events wait`
}

/** @param {State} state */
function drainOf (state) {
  const { timeToDrainSeconds } = state
  return standstillOf(state) ?? (timeToDrainSeconds === null ? 'not draining' : `drains in about ${formatRoughDuration(timeToDrainSeconds)}`)
}

/** Why nothing leaves the queue, where that is known. @param {State} state */
function standstillOf ({ isPaused, workers, pausedForMs }) {
  if (isPaused) return 'workers are paused'
  if (workers.length === 0) return 'no worker is running'
  return (pausedForMs ?? 0) > 0 ? 'deliveries wait for the consumer' : undefined
}

/**
 * Since when the classes are refused, as far as it is known.
 *
 * @param {State} state
 * @param {readonly PriorityClass[]} refused
 */
function refusingSince (state, refused) {
  if (state.circuitState !== 'CLOSED') return state.circuitSince
  const runs = state.refusals.filter(({ priorityClass, reason, to }) => {
    const decision = state.decisions[priorityClass]
    return refused.includes(priorityClass) && !decision.admitted && decision.reason === reason && state.time - to < SAME_RUN_MS
  })
  return runs.length === 0 ? undefined : Math.min(...runs.map(({ from }) => from))
}

/**
 * Reasons that the state of the circuit does not explain.
 *
 * @param {State} state
 * @param {readonly PriorityClass[]} refused
 */
function whyBesidesCircuit (state, refused) {
  const reasons = new Set(refused.map((name) => reasonOf(state.decisions[name])))
  for (const known of ['circuit-open', 'low-priority-shed']) reasons.delete(known)
  return [...reasons].map((reason) => meaningOf(reason) ?? reason)
}

/** @param {Decision} decision */
function reasonOf (decision) {
  return decision.admitted ? '' : decision.reason
}
