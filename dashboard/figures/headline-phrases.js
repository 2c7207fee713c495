/** @import { Decision, PriorityClass, State } from '../contract.d.ts' */
import { provenForecast } from './forecast.js'
import { formatBytes, formatCount, formatList, formatPlural, formatRoughDuration } from './format.js'
import { lastKnownText } from './last-known.js'
import { meaningOf } from './reason.js'

/** The classes in the order in which Spillway sheds them. @type {readonly PriorityClass[]} */
export const CLASSES = ['low', 'normal', 'critical']

/** A run of refusals that ended longer ago than this is not the current one. */
const SAME_RUN_MS = 60_000

/** A limit of an organization refused nothing for longer than this: it is not in the way now. */
const LIMITED_MS = 5_000

/** Returns the last known depth. @param {State} state @param {string | undefined} timeZone */
export function lastDepthOf ({ lastKnown }, timeZone) {
  const last = lastKnownText(
    lastKnown, ({ queueDepth }) => formatCount(queueDepth), timeZone === undefined ? {} : { timeZone }
  )
  return last === undefined ? '' : ` (${last})`
}

/**
 * Says what happens to events while the queue is out of reach.
 *
 * @param {State} state
 * @param {readonly PriorityClass[]} refused
 */
export function whatBecomesOf (state, refused) {
  const { mode, spool } = state
  return [
    ...(mode !== 'true' || refused.length === 0
      ? []
      : [`${formatList(refused)} ${refused.length === 1 ? 'is' : 'are'} refused`]),
    ...spooledOf(state),
    ...spool === null || spool.events === 0 ? [] : [`${formatPlural(spool.events, 'event')} in the spool`]
  ]
}

/** Lists the classes that go to the local disk. @param {State} state */
export function spooledOf ({ decisions }) {
  const spooled = CLASSES.filter((name) => isSpooled(decisions[name]))
  return spooled.length === 0 ? [] : [`${formatList(spooled)} ${spooled.length === 1 ? 'goes' : 'go'} to the spool`]
}

/** @param {Decision} decision */
function isSpooled (decision) {
  return decision.admitted && decision.route === 'spool'
}

/** Sets the depth against the critical threshold. @param {State} state */
export function depthOf ({ depth, thresholds }) {
  return `depth ${formatCount(depth)} of ${formatCount(thresholds.critical)}`
}

/** Says when the forecast expects shedding. @param {number} breachMs */
export function breachOf (breachMs) {
  return `the forecast expects to shed low in about ${formatRoughDuration(breachMs / 1_000)}`
}

/** The depth that a proven forecast expects. @param {State} state */
export function expectedOf ({ forecast }) {
  const ahead = provenForecast(forecast)
  return ahead === undefined
    ? []
    : [`about ${formatCount(ahead.depth)} expected in ${formatRoughDuration(ahead.horizonMs / 1_000)}`]
}

/**
 * Returns the bytes of Redis if they are the reason for a refusal.
 *
 * @param {State} state
 * @param {readonly PriorityClass[]} refused
 */
export function bytesOf ({ memory, decisions, circuitCause }, refused) {
  // Above the hard limit the reason is a full queue, even if bytes filled it.
  const isReason = circuitCause === 'bytes' || circuitCause === 'both' ||
    refused.some((name) => reasonOf(decisions[name]) === 'queue-bytes')
  return memory === null || !isReason ? [] : [`bytes are the reason: ${memoryOf(memory)}`]
}

/** Sets the bytes of Redis against their threshold. @param {NonNullable<State['memory']>} memory */
export function memoryOf ({ usedBytes, thresholds }) {
  return `Redis holds ${formatBytes(usedBytes)}${thresholds === null ? '' : ` of ${formatBytes(thresholds.critical)}`}`
}

/** Says how many events wait. @param {number} depth */
export function waitingOf (depth) {
  return depth === 0 ? 'no event waits' : depth === 1 ? '1 event waits' : `${formatCount(depth)} events wait`
}

/** Says why nothing leaves the queue, if that is known, or how long draining takes. @param {State} state */
export function drainOf ({ problems, timeToDrainSeconds }) {
  const standstill = problems.find(({ stops }) => stops === 'all')
  return (
    standstill?.text ??
    (timeToDrainSeconds === null ? 'not draining' : `drains in about ${formatRoughDuration(timeToDrainSeconds)}`)
  )
}

/** Begins a sentence with a text. @param {string} text */
export function capitalized (text) {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/**
 * Returns since when the classes are refused; undefined if unknown.
 *
 * @param {State} state
 * @param {readonly PriorityClass[]} refused
 */
export function refusingSince (state, refused) {
  if (state.circuitState !== 'CLOSED') return state.circuitSince
  const runs = state.refusals.filter(({ priorityClass, reason, to }) => {
    const decision = state.decisions[priorityClass]
    return refused.includes(priorityClass) && !decision.admitted && decision.reason === reason &&
      state.time - to < SAME_RUN_MS
  })
  return runs.length === 0 ? undefined : Math.min(...runs.map(({ from }) => from))
}

/**
 * Returns the reasons that the state of the circuit does not explain.
 *
 * @param {State} state
 * @param {readonly PriorityClass[]} refused
 */
export function whyBesidesCircuit (state, refused) {
  const reasons = new Set(refused.map((name) => reasonOf(state.decisions[name])))
  const known = ['circuit-open', 'low-priority-shed', 'smooth-shed', ...(state.memory === null ? [] : ['queue-bytes'])]
  for (const reason of known) reasons.delete(reason)
  return [...reasons].map((reason) => meaningOf(reason) ?? reason)
}

/** Lists the classes of which only a sample is kept, if there are any. @param {State} state */
export function sampledOf ({ keptShares, decisions, mode }) {
  const kept = keptShares === null || mode !== 'true'
    ? []
    : CLASSES.filter((name) => keptShares[name] < 1 && decisions[name].admitted)
      .map((name) => `${percentOf(keptShares?.[name] ?? 1)} of ${name}`)
  return kept.length === 0 ? [] : [`${formatList(kept)} ${kept.length === 1 ? 'is' : 'are'} kept`]
}

/** @param {number} share */
function percentOf (share) {
  return `${Math.max(1, Math.round(share * 100))} %`
}

/**
 * A class that is shed, with the share of it that is.
 *
 * @param {State} state
 * @param {PriorityClass} name
 */
export function shedText ({ decisions, shedShares }, name) {
  const share = reasonOf(decisions[name]) === 'smooth-shed' ? shedShares?.[name] ?? 1 : 1
  return share === 1 ? name : `${percentOf(share)} of ${name}`
}

/** @param {Decision} decision */
function reasonOf (decision) {
  return decision.admitted ? '' : decision.reason
}

/**
 * Names the events that are admitted while no class is refused: organizations may be above their quotas or shares.
 *
 * @param {State} state
 */
export function everythingOf ({ mode, settings: { further }, refusals, time }) {
  const isQuotaEnforced = further.every(({ field, value }) => field !== 'quotas.mode' || value === 'true')
  const isLimited = (/** @type {string} */ reason) =>
    refusals.some((run) => run.reason === reason && time - run.to < LIMITED_MS)
  const limits = [
    ...(isQuotaEnforced && isLimited('quota-exceeded') ? ['quotas'] : []),
    ...(mode === 'true' && isLimited('fair-share') ? ['fair shares'] : [])
  ]
  return limits.length === 0 ? 'everything' : `everything within ${formatList(limits)}`
}
