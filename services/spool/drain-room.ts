import type { Circuits } from '../admission/circuit.ts'
import type { Thresholds } from '../admission/thresholds.ts'

export interface DrainSituation {
  /** Events in the queue as far as this process knows, those on their way included. */
  readonly depth: number
  readonly thresholds: Thresholds
  readonly circuits: Circuits
  /** Bytes that Redis holds, and those from which streams wait; undefined where there are no thresholds in bytes. */
  readonly bytes: number
  readonly warningBytes: number | undefined
  readonly batchMaxEvents: number
}

/**
 * How many events may leave the spool for the queue now: what there is below the warning threshold. Above it one batch
 * at a time, so that they get on as live events do, and never as much as would open the circuit. A circuit that is open
 * cannot be opened: then it is critical events alone that are admitted, and those of the spool go on too. With bytes it is
 * the same, but that nothing leaves above their warning: nobody knows before what an event will weigh.
 */
export function drainRoom ({
  depth, thresholds: { warning, critical, hardLimit }, circuits, bytes, warningBytes = Infinity, batchMaxEvents
}: DrainSituation): number {
  if (circuits.bytes !== 'OPEN' && bytes >= warningBytes) return 0
  const belowWarning = warning - depth
  const belowCritical = circuits.depth === 'OPEN' ? batchMaxEvents : critical - 1 - depth
  const room = belowWarning > 0 ? belowWarning : Math.min(batchMaxEvents, belowCritical)
  return Math.max(0, Math.min(room, hardLimit - depth))
}
