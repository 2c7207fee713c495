/** @import { CircuitState, Column } from '../contract.d.ts' */

/** In the order of the figures of the series. @type {readonly CircuitState[]} */
const STATES = ['CLOSED', 'HALF_OPEN', 'OPEN']

/**
 * @typedef {{ from: number, to: number, state: CircuitState | 'UNKNOWN' }} Span times in epoch seconds; `to` is where
 *   the next one begins
 */

/**
 * Groups the seconds of a series into spans of one state of the circuit; an unknown depth is the state UNKNOWN. A state
 * at the end of a second began in that second.
 *
 * @param {readonly number[]} time epoch seconds
 * @param {Column} circuit
 * @param {Column} depth any column that is null while the queue cannot be read
 * @returns {Span[]}
 */
export function circuitSpans (time, circuit, depth) {
  /** @type {Span[]} */
  const spans = []
  for (const [index, second] of time.entries()) {
    const value = circuit[index] ?? null
    const state = value === null || (depth[index] ?? null) === null ? 'UNKNOWN' : STATES[value] ?? 'UNKNOWN'
    const last = spans.at(-1)
    if (last !== undefined) last.to = last.state === state ? second : second - 1
    if (last?.state !== state) spans.push({ from: second - 1, to: second, state })
  }
  return spans
}
