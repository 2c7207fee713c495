import type { CircuitState } from '../backpressure/circuit.ts'

export interface DrainSituation {
  /** Events in the queue as far as this process knows, those on their way included. */
  readonly depth: number
  readonly warningThreshold: number
  readonly criticalThreshold: number
  readonly hardLimit: number
  readonly circuitState: CircuitState
  readonly batchMaxEvents: number
}

/**
 * How many events may leave the spool for the queue now: what there is below the warning threshold. Above it one batch
 * at a time, so that they get on as live events do, and never as much as would open the circuit. A circuit that is open
 * cannot be opened: then it is critical events alone that are admitted, and those of the spool go on too.
 */
export function drainRoom ({
  depth, warningThreshold, criticalThreshold, hardLimit, circuitState, batchMaxEvents
}: DrainSituation): number {
  const belowWarning = warningThreshold - depth
  const belowCritical = circuitState === 'OPEN' ? batchMaxEvents : criticalThreshold - 1 - depth
  const room = belowWarning > 0 ? belowWarning : Math.min(batchMaxEvents, belowCritical)
  return Math.max(0, Math.min(room, hardLimit - depth))
}
