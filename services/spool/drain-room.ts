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
 * How many events may leave the spool: up to the warning threshold; above it a batch at a time, but never as many as
 * would open the circuit. An open one admits critical events, those of the spool too. Above the warning in bytes
 * nothing leaves: nobody knows before what an event will weigh.
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
