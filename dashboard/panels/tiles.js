/** @import { State } from '../contract.d.ts' */
/** @import { History } from '../figures/history.js' */
import { byId, renderWhenChanged, setFigure, setText } from '../element.js'
import {
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  formatList,
  formatRate,
  formatRoughDuration,
  UNKNOWN
} from '../figures/format.js'
import { lastKnownText } from '../figures/last-known.js'
import { firstIndex } from '../figures/window.js'
import { gauge } from './gauge.js'
import { switchSymbol } from './switch-symbol.js'
import { PRIORITY_CLASSES } from '../figures/priority-classes.js'

/** The tile shows bytes instead of the depth from this share of the bytes that open the circuit. */
const LEAST_SHOWN_SHARE = 0.8

/** @param {State} state */
export function showCircuit (state) {
  const { circuitSince, time, isKnown, lastKnown } = state
  const shown = isKnown ? state.circuitState : 'UNKNOWN'
  byId('circuit').dataset.state = shown
  renderWhenChanged(byId('circuit-switch'), shown, () => [switchSymbol(shown)])
  setText(byId('circuit-state'), isKnown ? shown : UNKNOWN)
  const age = formatDuration(Math.max(0, Math.floor((time - circuitSince) / 1_000)))
  const since = isKnown
    ? `since ${formatClock(circuitSince, { withSeconds: true })}, for ${age}`
    : lastKnownText(lastKnown, ({ circuitState }) => circuitState) ?? 'the queue cannot be read'
  setText(byId('circuit-since'), `${since}: ${admittedText(state)}`)
}

/** Lists the admitted classes. @param {State} state */
function admittedText ({ mode, decisions, isKnown }) {
  const [spooled, passing] = [true, false].map((isSpooled) => PRIORITY_CLASSES.filter((name) => {
    const decision = decisions[name]
    return decision.admitted && (decision.route === 'spool') === isSpooled
  }))
  const spool =
    spooled === undefined || spooled.length === 0
      ? ''
      : `${formatList(spooled)} ${spooled.length === 1 ? 'goes' : 'go'} to the spool`
  if (!isKnown) return spool || 'events are tried or refused'
  if (mode === 'observe') return 'observing, all pass'
  if (mode === 'false') return 'off, all pass'
  if (passing === undefined || passing.length === 0) return spool || 'none pass'
  return passing.length === PRIORITY_CLASSES.length
    ? 'all pass'
    : `only ${formatList(passing)} pass${passing.length === 1 ? 'es' : ''}${spool === '' ? '' : `, ${spool}`}`
}

/**
 * Returns events or bytes, whichever is closer to opening the circuit; events while both are far from it, since Redis
 * always holds some bytes.
 *
 * @param {State} state
 * @returns {{ value: number | null, thresholds: State['thresholds'], isBytes: boolean }}
 */
function nearestMeasure ({ depth, thresholds, isKnown, memory, circuitCause }) {
  const share = memory?.thresholds == null ? 0 : memory.usedBytes / memory.thresholds.critical
  const isNearer = depth !== null && share >= LEAST_SHOWN_SHARE && share > depth / thresholds.critical
  if (isKnown && memory?.thresholds != null && (isNearer || circuitCause === 'bytes')) {
    return { value: memory.usedBytes, thresholds: memory.thresholds, isBytes: true }
  }
  return { value: isKnown ? depth : null, thresholds, isBytes: false }
}

/** @param {State} state */
export function showUtilisation (state) {
  const { lastKnown } = state
  const { value, thresholds, isBytes } = nearestMeasure(state)
  const percent = value === null ? null : value / thresholds.critical * 100
  const host = byId('gauge')
  host.dataset.level = value === null
    ? 'unknown'
    : value >= thresholds.critical
    ? 'critical'
    : value >= thresholds.warning
    ? 'warning'
    : 'recovery'
  renderWhenChanged(
    host,
    [percent === null ? null : Math.round(percent * 2), thresholds],
    () => [gauge({ thresholds }, percent)]
  )
  setText(byId('utilisation-value'), percent === null ? UNKNOWN : `${formatCount(percent)} %`)
  setText(
    byId('utilisation-sub'),
    value !== null
      ? isBytes
        ? `${formatBytes(value)} of ${formatBytes(thresholds.critical)} in Redis that open the circuit`
        : `${formatCount(value)} of ${formatCount(thresholds.critical)} that open the circuit`
      : lastKnownText(
        lastKnown,
        ({ queueDepth }) => `${formatCount(queueDepth)} of ${formatCount(thresholds.critical)}`
      ) ?? 'the queue cannot be read'
  )
}

/** @param {State} state */
export function showFlow (state) {
  const { isKnown, depth, timeToDrainSeconds, lastKnown } = state
  setFigure(byId('flow-in'), formatRate(state.arrivalRate))
  setFigure(byId('flow-out'), formatRate(state.drainRate))
  // An idle queue keeps its last rate, which would look like the current one.
  setText(byId('flow-out-name'), isKnown && depth === 0 && (state.drainRate ?? 0) > 0 ? 'drain, last' : 'drain')
  const drain =
    depth === 0 ? 'empty' : timeToDrainSeconds === null ? 'not draining' : formatRoughDuration(timeToDrainSeconds)
  setFigure(byId('flow-drain'), !isKnown || depth === null ? UNKNOWN : drain)
  const last = isKnown
    ? undefined
    : lastKnownText(
        lastKnown,
        ({ arrivalRate, drainRate }) => `${formatRate(arrivalRate)}/s in, ${formatRate(drainRate)}/s out`
      )
  byId('flow-last').hidden = last === undefined
  setText(byId('flow-last'), last ?? '')
}

/**
 * @param {History} history
 * @param {{ from: number, label: string }} window
 */
export function showRefused ({ series }, { from, label }) {
  const first = firstIndex(series.time, from)
  const columns = Object.values(series.shed)
  const sum = columns.reduce(
    (total, column) =>
      total + column.slice(first).reduce((/** @type {number} */ part, value) => part + (value ?? 0), 0),
    0
  )
  const now = columns.reduce((total, column) => total + (column.at(-1) ?? 0), 0)
  setText(byId('refused-now'), formatCount(now))
  setText(byId('refused-window'), `in ${label}`)
  setText(byId('refused-total'), formatCount(sum))
}
