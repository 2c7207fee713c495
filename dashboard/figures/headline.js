/** @import { Incident, State } from '../contract.d.ts' */
import { formatClock, formatList } from './format.js'
import {
  CLASSES, breachOf, bytesOf, capitalized, depthOf, drainOf, everythingOf, expectedOf, lastDepthOf, memoryOf,
  refusingSince, sampledOf, shedText, spooledOf, waitingOf, whatBecomesOf, whyBesidesCircuit
} from './headline-phrases.js'

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
      text: `Backpressure is off: ${everythingOf(state)} is admitted (${depthOf(state)}${
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
  const everything = everythingOf(state)
  if (state.breachMs !== null) {
    return {
      tone: 'notice',
      text: `${observing}${capitalized(breachOf(state.breachMs))}, ${everything} is still admitted (${depthOf(state)}, ${drainOf(state)})`
    }
  }
  if (depth >= state.thresholds.warning) {
    return {
      tone: 'notice',
      text: `${observing}Falling behind, ${everything} is still admitted (${
        [depthOf(state), drainOf(state), ...expectedOf(state)].join(', ')
      })`
    }
  }
  const { memory } = state
  if (memory !== null && memory.usedBytes >= (memory.thresholds?.warning ?? Infinity)) {
    return {
      tone: 'notice',
      text: `${observing}Redis is filling up, ${everything} is still admitted (${memoryOf(memory)}, ${depthOf(state)}, ${
        drainOf(state)
      })`
    }
  }
  if (standstill !== undefined) {
    return {
      tone: 'notice',
      text: `${observing}${capitalized(standstill.text)}, ${everything} is still admitted (${depthOf(state)})`
    }
  }
  const [problem] = state.problems
  if (problem !== undefined) {
    return { tone: 'notice', text: `${observing}${capitalized(problem.text)} (${problem.remedy})` }
  }
  const text = `${observing}All is well: ${everything} is admitted (${[`circuit ${state.circuitState}`, depthOf(state), ...expectedOf(state)].join(', ')})`
  return { tone: 'good', text: observing === '' ? text : text.replace('All is well: ', '') }
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
