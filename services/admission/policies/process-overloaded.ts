import type { SheddingPolicy } from '../policy.ts'

/** This process, not the queue, is the bottleneck: its event loop or heap is beyond the limit. */
const processOverloaded: SheddingPolicy = {
  rank: 50,
  spools: false,
  refuses: ({ isProcessOverloaded }, priorityClass) => isProcessOverloaded && priorityClass !== 'critical',
  // The backlog is not the reason, so there is nothing to wait for but the next look.
  readmitsAtDepth: () => undefined
}

export default processOverloaded
