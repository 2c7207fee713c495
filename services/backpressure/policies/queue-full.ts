import { readmissionDepth } from '../circuit.ts'
import type { SheddingPolicy } from '../policy.ts'

/**
 * Shares of the store's memory limit at which it counts as full. The rest is for the workers: a store at its limit refuses
 * the writes by which they take and finish batches too, and would stand still for ever.
 */
const FULL_FOR_CRITICAL = 0.95
const FULL_FOR_OTHERS = 0.9

/** Above the hard limit, of events or of memory, nothing goes in, critical events included: it would be the end of Redis. */
const queueFull: SheddingPolicy = {
  rank: 10,
  spools: true,
  refuses: ({ signals, depth }, priorityClass) => signals.isDepthKnown && (
    depth >= signals.thresholds.hardLimit ||
    signals.memoryUse >= (priorityClass === 'critical' ? FULL_FOR_CRITICAL : FULL_FOR_OTHERS)
  ),
  readmitsAtDepth: ({ signals }, priorityClass) =>
    priorityClass === 'critical' ? signals.thresholds.hardLimit : readmissionDepth(signals.thresholds, priorityClass)
}

export default queueFull
