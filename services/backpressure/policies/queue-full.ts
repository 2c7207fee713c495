import { readmissionDepth } from '../circuit.ts'
import type { SheddingPolicy } from '../policy.ts'

/** Above the hard limit nothing goes in, critical events included: it would be the end of Redis. */
const queueFull: SheddingPolicy = {
  rank: 10,
  refuses: ({ signals, depth }) => signals.isDepthKnown && depth >= signals.thresholds.hardLimit,
  readmitsAtDepth: ({ signals }, priorityClass) =>
    priorityClass === 'critical' ? signals.thresholds.hardLimit : readmissionDepth(signals.thresholds, priorityClass)
}

export default queueFull
