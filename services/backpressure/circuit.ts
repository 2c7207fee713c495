/*
 * The circuit, moved by the depth D of each new snapshot, one step at a time:
 *
 *              D >= critical                    D <= recovery
 *   CLOSED ───────────────────► OPEN ◄────────┐ ───────────► HALF_OPEN
 *      ▲                                      └── D >= warning ──┘ │
 *      └──────────────────── D <= 0.6 x recovery ──────────────────┘
 *
 * Requests never move it, so it recovers without traffic; an unknown depth never moves it either.
 */
import type { PriorityClass } from './priority-class.ts'
import { CLOSE_SHARE, type Thresholds } from './thresholds.ts'

export const CIRCUIT_STATES = ['CLOSED', 'HALF_OPEN', 'OPEN'] as const

/** The index of a state in CIRCUIT_STATES is its value in the metric `rule_engine_backpressure_circuit_state`. */
export type CircuitState = (typeof CIRCUIT_STATES)[number]

/** The state that follows `state` when the queue holds `depth` events. */
export function nextCircuitState (state: CircuitState, depth: number, thresholds: Thresholds): CircuitState {
  switch (state) {
    case 'CLOSED':
      return depth >= thresholds.critical ? 'OPEN' : 'CLOSED'
    case 'OPEN':
      return depth <= thresholds.recovery ? 'HALF_OPEN' : 'OPEN'
    case 'HALF_OPEN':
      if (depth >= thresholds.warning) return 'OPEN'
      return depth <= thresholds.recovery * CLOSE_SHARE ? 'CLOSED' : 'HALF_OPEN'
  }
}

/** Depth at which a circuit on its way back admits this class again: normal when half-open, low only when closed. */
export function readmissionDepth (thresholds: Thresholds, priorityClass: PriorityClass): number {
  return priorityClass === 'low' ? thresholds.recovery * CLOSE_SHARE : thresholds.recovery
}
