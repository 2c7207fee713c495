import type { SheddingPolicy } from '../policy.ts'

/** A queue that cannot be read is not an empty queue. Critical events are still tried: the write itself tells. */
const queueUnavailable: SheddingPolicy = {
  rank: 20,
  spools: true,
  refuses: ({ signals }, priorityClass) => !signals.isDepthKnown && priorityClass !== 'critical',
  // Nothing is known of the backlog, so the shortest wait is the only honest one.
  readmitsAtDepth: () => undefined
}

export default queueUnavailable
