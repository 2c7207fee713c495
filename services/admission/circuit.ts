/*
 * The circuit, moved by the depth D of each new snapshot, one step at a time:
 *
 *              D >= critical                    D <= recovery
 *   CLOSED ───────────────────► OPEN ◄────────┐ ───────────► HALF_OPEN
 *      ▲                                      └── D >= warning ──┘ │
 *      └──────────────────── D <= 0.6 x recovery ──────────────────┘
 *
 * Requests never move it, so it recovers without traffic; an unknown depth never moves it either.
 *
 * There are two circuits, one for the depth and one for the bytes that Redis holds, each with its own thresholds and
 * hysteresis, so neither can make the other swing. The published state is the worse of the two.
 */
import type { PriorityClass } from './priority-class.ts'
import { CLOSE_SHARE, LOW_SHED_SHARE, lowShedDepth, sampledLowShedDepth, type Thresholds } from './thresholds.ts'

export const CIRCUIT_STATES = ['CLOSED', 'HALF_OPEN', 'OPEN'] as const

/** The index of a state in CIRCUIT_STATES is its value in the metric `rule_engine_backpressure_circuit_state`. */
export type CircuitState = (typeof CIRCUIT_STATES)[number]

/** The measures that a circuit follows. */
export interface Circuits {
  readonly depth: CircuitState
  readonly bytes: CircuitState
}

/** The measure that keeps a circuit open or half-open. */
export type CircuitCause = keyof Circuits | 'both'

/** The worse of two states. */
export function worseState (one: CircuitState, other: CircuitState): CircuitState {
  return CIRCUIT_STATES.indexOf(one) >= CIRCUIT_STATES.indexOf(other) ? one : other
}

/** Returns the circuit that causes the published state; undefined while both are closed. */
export function causeOfState ({ depth, bytes }: Circuits): CircuitCause | undefined {
  if (depth === bytes) return depth === 'CLOSED' ? undefined : 'both'
  return worseState(depth, bytes) === depth ? 'depth' : 'bytes'
}

/**
 * The state that follows `state` when the queue holds `depth` events, or bytes.
 *
 * @param closeShare of the recovery threshold, at which a half-open circuit closes
 */
export function nextCircuitState (
  state: CircuitState, depth: number, thresholds: Thresholds, closeShare = CLOSE_SHARE
): CircuitState {
  switch (state) {
    case 'CLOSED':
      return depth >= thresholds.critical ? 'OPEN' : 'CLOSED'
    case 'OPEN':
      return depth <= thresholds.recovery ? 'HALF_OPEN' : 'OPEN'
    case 'HALF_OPEN':
      if (depth >= thresholds.warning) return 'OPEN'
      return depth <= thresholds.recovery * closeShare ? 'CLOSED' : 'HALF_OPEN'
  }
}

/** Depth at which a circuit in this state opens; for an open one, at which it would stay open. */
export function openingDepth (state: CircuitState, { critical, warning }: Thresholds): number {
  return state === 'HALF_OPEN' ? warning : critical
}

/**
 * Returns the depth that moves a circuit: that of a reading, or the one that this process had counted up to just before
 * it. Workers finish events meanwhile, so a queue that is full between two readings would never open the circuit, and
 * would refuse events for as long as that lasts. The count contains events that were finished or not stored, so it
 * matters only if the reading is near the threshold.
 */
export function reachedDepth (state: CircuitState, depth: number, counted: number, thresholds: Thresholds): number {
  const opening = openingDepth(state, thresholds)
  return state !== 'OPEN' && counted >= opening && depth >= opening * LOW_SHED_SHARE ? Math.max(depth, counted) : depth
}

/** Depth at which a circuit on its way back admits this class again: normal when half-open, low only when closed. */
export function readmissionDepth (
  thresholds: Thresholds, priorityClass: PriorityClass, closeShare = CLOSE_SHARE
): number {
  return priorityClass === 'low' ? thresholds.recovery * closeShare : thresholds.recovery
}

/** Returns the depth below which low events get in, whether or not a sample of them is kept. */
export function lowReadmissionDepth (state: CircuitState, thresholds: Thresholds, isSampled: boolean): number {
  if (state !== 'CLOSED') return readmissionDepth(thresholds, 'low')
  return isSampled ? sampledLowShedDepth(thresholds) : lowShedDepth(thresholds)
}
