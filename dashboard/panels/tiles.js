/** @import { State } from '../contract.d.ts' */
/** @import { History } from '../figures/history.js' */
import { byId, renderWhenChanged, setFigure, setText } from '../element.js'
import { formatClock, formatCount, formatDuration, formatList, formatRate, formatRoughDuration, UNKNOWN } from '../figures/format.js'
import { firstIndex } from '../figures/window.js'
import { gauge } from './gauge.js'
import { switchSymbol } from './switch-symbol.js'

const CLASSES = /** @type {const} */ (['critical', 'normal', 'low'])

/** @param {State} state */
export function showCircuit ({ circuitState, circuitSince, time, mode, decisions }) {
  byId('circuit').dataset.state = circuitState
  renderWhenChanged(byId('circuit-switch'), circuitState, () => [switchSymbol(circuitState)])
  setText(byId('circuit-state'), circuitState)
  const admitted = CLASSES.filter((name) => decisions[name].admitted)
  const admits = mode === 'observe' ? 'observing, all pass' : mode === 'false' ? 'off, all pass'
    : admitted.length === CLASSES.length ? 'all pass' : admitted.length === 0 ? 'none pass' : `only ${formatList(admitted)} pass${admitted.length === 1 ? 'es' : ''}`
  const age = formatDuration(Math.max(0, Math.floor((time - circuitSince) / 1_000)))
  setText(byId('circuit-since'), `since ${formatClock(circuitSince, { withSeconds: true })}, for ${age}: ${admits}`)
}

/** @param {State} state */
export function showUtilisation (state) {
  const { depth, thresholds, isDepthKnown } = state
  const isKnown = isDepthKnown && depth !== null
  const percent = isKnown ? depth / thresholds.critical * 100 : null
  const host = byId('gauge')
  host.dataset.level = !isKnown ? 'unknown' : depth >= thresholds.critical ? 'critical' : depth >= thresholds.warning ? 'warning' : 'recovery'
  renderWhenChanged(host, [percent === null ? null : Math.round(percent * 2), thresholds], () => [gauge(state, percent)])
  setText(byId('utilisation-value'), percent === null ? UNKNOWN : `${formatCount(percent)} %`)
  setText(byId('utilisation-sub'), isKnown
    ? `${formatCount(depth)} of ${formatCount(thresholds.critical)} that open the circuit`
    : 'the queue cannot be read')
}

/** @param {State} state */
export function showFlow (state) {
  const isKnown = state.isDepthKnown
  setFigure(byId('flow-in'), isKnown ? formatRate(state.arrivalRate) : UNKNOWN)
  setFigure(byId('flow-out'), isKnown ? formatRate(state.drainRate) : UNKNOWN)
  // The rate of a queue without work is that of the last time it had some, which would pass for what leaves it now.
  setText(byId('flow-out-name'), isKnown && state.depth === 0 && (state.drainRate ?? 0) > 0 ? 'drain, last' : 'drain')
  const isStill = state.isPaused || state.workers.length === 0
  const drain = state.depth === 0 ? 'empty' : isStill || state.timeToDrainSeconds === null ? 'not draining' : formatRoughDuration(state.timeToDrainSeconds)
  setFigure(byId('flow-drain'), !isKnown || state.depth === null ? UNKNOWN : drain)
}

/**
 * @param {History} history
 * @param {{ from: number, label: string }} window
 */
export function showRefused ({ series }, { from, label }) {
  const first = firstIndex(series.time, from)
  const columns = Object.values(series.shed)
  const sum = columns.reduce((total, column) => total + column.slice(first).reduce((/** @type {number} */ part, value) => part + (value ?? 0), 0), 0)
  const now = columns.reduce((total, column) => total + (column.at(-1) ?? 0), 0)
  setText(byId('refused-now'), formatCount(now))
  setText(byId('refused-window'), `in ${label}`)
  setText(byId('refused-total'), formatCount(sum))
}
