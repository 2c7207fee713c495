/** @import { Decision, Incident, PriorityClass, State } from '../contract.d.ts' */
import { provenForecast } from './forecast.js'
import { formatBytes, formatClock, formatCount, formatList, formatPlural, formatRoughDuration } from './format.js'
import { lastKnownText } from './last-known.js'
import { meaningOf } from './reason.js'

/** The classes in the order in which Spillway sheds them. @type {readonly PriorityClass[]} */
const CLASSES = ['low', 'normal', 'critical']

/** A run of refusals that ended longer ago than this is not the current one. */
const SAME_RUN_MS = 60_000

/**
 * @typedef {'good' | 'notice' | 'bad' | 'unknown'} Tone
 * @typedef {{ tone: Tone, text: string }} Headline
 */

/**
 * Describes the state of Spillway in one sentence, the most important fact first.
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
  const { depth } = state

  if (!state.isKnown || depth === null) {
    const lost = incidents.findLast(({ kind }) => kind === 'queue-lost')
    return {
      tone: 'bad',
      text: [
        `Queue out of reach${since(lost?.time)}: depth unknown${lastDepthOf(state, timeZone)}`,
        ...whatBecomesOf(state, refused)
      ].join(', ')
    }
  }
  const standstill = state.problems.find(({ stops }) => stops === 'all')
  if (state.mode === 'false') {
    const isBad = standstill?.kind === 'no-worker' || standstill?.kind === 'held'
    return {
      tone: isBad ? 'bad' : 'notice',
      text: `Backpressure is off: everything is admitted (${depthOf(state)}${
        standstill === undefined ? '' : `, ${standstill.text}`
      })`
    }
  }
  if (refused.length > 0) {
    const isRecovering = state.circuitState === 'HALF_OPEN' && state.timeToDrainSeconds !== null
    const verb =
      state.mode === 'observe' ? 'Observing only: would shed' : isRecovering ? 'Recovering, still shedding' : 'Shedding'
    const detail = [
      `circuit ${state.circuitState}`,
      ...bytesOf(state, refused),
      depthOf(state),
      drainOf(state),
      ...sampledOf(state),
      ...whyBesidesCircuit(state, refused),
      ...spooledOf(state)
    ]
    return {
      tone: refused.includes('normal') ? 'bad' : 'notice',
      text:
        `${verb} ${formatList(refused.map((name) => shedText(state, name)))}` +
        `${since(refusingSince(state, refused))} (${detail.join(', ')})`
    }
  }
  const [spooled] = spooledOf(state)
  if (spooled !== undefined) {
    return { tone: 'bad', text: `The queue accepts nothing: ${spooled} (${depthOf(state)}, ${drainOf(state)})` }
  }
  if (standstill?.kind === 'paused') {
    const pause = incidents.findLast(({ kind }) => kind === 'paused' || kind === 'resumed')
    return {
      tone: 'notice',
      text: `Workers are paused${since(pause?.kind === 'paused' ? pause.time : undefined)}: ${
        waitingOf(depth)
      }, new ones are admitted`
    }
  }
  if (standstill?.kind === 'no-worker') {
    return { tone: 'bad', text: `No worker is running: ${waitingOf(depth)}, new ones are admitted` }
  }
  if (standstill?.kind === 'held') {
    return {
      tone: 'bad',
      text: `${capitalized(standstill.text)}. ${
        capitalized(waitingOf(depth))
      }, new ones are admitted (${standstill.remedy})`
    }
  }
  const [sampled] = sampledOf(state)
  if (sampled !== undefined) {
    return { tone: 'notice', text: `Sampling: ${sampled} (${depthOf(state)}, ${drainOf(state)})` }
  }
  const observing = state.mode === 'observe' ? 'Observing only: ' : ''
  if (state.breachMs !== null) {
    return {
      tone: 'notice',
      text: `${observing}${capitalized(breachOf(state.breachMs))}, everything is still admitted (${depthOf(state)}, ${drainOf(state)})`
    }
  }
  if (depth >= state.thresholds.warning) {
    return {
      tone: 'notice',
      text: `${observing}Falling behind, everything is still admitted (${
        [depthOf(state), drainOf(state), ...expectedOf(state)].join(', ')
      })`
    }
  }
  const { memory } = state
  if (memory !== null && memory.usedBytes >= (memory.thresholds?.warning ?? Infinity)) {
    return {
      tone: 'notice',
      text: `${observing}Redis is filling up, everything is still admitted (${memoryOf(memory)}, ${depthOf(state)}, ${
        drainOf(state)
      })`
    }
  }
  if (standstill !== undefined) {
    return {
      tone: 'notice',
      text: `${observing}${capitalized(standstill.text)}, everything is still admitted (${depthOf(state)})`
    }
  }
  const [problem] = state.problems
  if (problem !== undefined) {
    return { tone: 'notice', text: `${observing}${capitalized(problem.text)} (${problem.remedy})` }
  }
  const text = `${observing}All is well: everything is admitted (${[`circuit ${state.circuitState}`, depthOf(state), ...expectedOf(state)].join(', ')})`
  return { tone: 'good', text: observing === '' ? text : text.replace('All is well: everything', 'everything') }
}

/**
 * Returns the headline while no figures arrive: it marks the last one as outdated.
 *
 * @param {Headline} last
 * @param {number} since epoch milliseconds
 * @param {{ timeZone?: string }} [options]
 * @returns {Headline}
 */
export function staleHeadline ({ text }, since, { timeZone } = {}) {
  return {
    tone: 'unknown',
    text: `No figures since ${formatClock(since, { withSeconds: true, timeZone })}. The last headline: ${text}`
  }
}

/** @param {State} state @param {string | undefined} timeZone */
function lastDepthOf ({ lastKnown }, timeZone) {
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
function whatBecomesOf (state, refused) {
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
function spooledOf ({ decisions }) {
  const spooled = CLASSES.filter((name) => isSpooled(decisions[name]))
  return spooled.length === 0 ? [] : [`${formatList(spooled)} ${spooled.length === 1 ? 'goes' : 'go'} to the spool`]
}

/** @param {Decision} decision */
function isSpooled (decision) {
  return decision.admitted && decision.route === 'spool'
}

/** @param {State} state */
function depthOf ({ depth, thresholds }) {
  return `depth ${formatCount(depth)} of ${formatCount(thresholds.critical)}`
}

/** @param {number} breachMs */
function breachOf (breachMs) {
  return `the forecast expects to shed low in about ${formatRoughDuration(breachMs / 1_000)}`
}

/** The depth that a proven forecast expects. @param {State} state */
function expectedOf ({ forecast }) {
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
function bytesOf ({ memory, decisions, circuitCause }, refused) {
  // Above the hard limit the reason is a full queue, even if bytes filled it.
  const isReason = circuitCause === 'bytes' || circuitCause === 'both' ||
    refused.some((name) => reasonOf(decisions[name]) === 'queue-bytes')
  return memory === null || !isReason ? [] : [`bytes are the reason: ${memoryOf(memory)}`]
}

/** @param {NonNullable<State['memory']>} memory */
function memoryOf ({ usedBytes, thresholds }) {
  return `Redis holds ${formatBytes(usedBytes)}${thresholds === null ? '' : ` of ${formatBytes(thresholds.critical)}`}`
}

/** @param {number} depth */
function waitingOf (depth) {
  return depth === 0 ? 'no event waits' : depth === 1 ? '1 event waits' : `${formatCount(depth)} events wait`
}

/** Says why nothing leaves the queue, if that is known, or how long draining takes. @param {State} state */
function drainOf ({ problems, timeToDrainSeconds }) {
  const standstill = problems.find(({ stops }) => stops === 'all')
  return (
    standstill?.text ??
    (timeToDrainSeconds === null ? 'not draining' : `drains in about ${formatRoughDuration(timeToDrainSeconds)}`)
  )
}

/** @param {string} text */
function capitalized (text) {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/**
 * Returns since when the classes are refused; undefined if unknown.
 *
 * @param {State} state
 * @param {readonly PriorityClass[]} refused
 */
function refusingSince (state, refused) {
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
function whyBesidesCircuit (state, refused) {
  const reasons = new Set(refused.map((name) => reasonOf(state.decisions[name])))
  const known = ['circuit-open', 'low-priority-shed', 'smooth-shed', ...(state.memory === null ? [] : ['queue-bytes'])]
  for (const reason of known) reasons.delete(reason)
  return [...reasons].map((reason) => meaningOf(reason) ?? reason)
}

/** Lists the classes of which only a sample is kept, if there are any. @param {State} state */
function sampledOf ({ keptShares, decisions, mode }) {
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
function shedText ({ decisions, shedShares }, name) {
  const share = reasonOf(decisions[name]) === 'smooth-shed' ? shedShares?.[name] ?? 1 : 1
  return share === 1 ? name : `${percentOf(share)} of ${name}`
}

/** @param {Decision} decision */
function reasonOf (decision) {
  return decision.admitted ? '' : decision.reason
}
