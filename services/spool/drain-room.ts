import type { Circuits } from '../admission/circuit.ts'
import type { Thresholds } from '../admission/thresholds.ts'

export interface DrainSituation {
  /** Events in the queue as far as this process knows, including those in transit. */
  readonly depth: number
  readonly thresholds: Thresholds
  readonly circuits: Circuits
  /** Bytes that Redis holds, and the threshold at which streams wait; undefined without thresholds in bytes. */
  readonly bytes: number
  readonly warningBytes: number | undefined
  readonly batchMaxEvents: number
}

/**
 * Returns how many events may leave the spool: up to the warning threshold; above it one batch at a time, but never as
 * many as would open the circuit. An open circuit admits critical events, including those of the spool. Above the
 * warning threshold in bytes none leave: the size of an event in Redis is not known in advance.
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
