import type { Objection, PolicyModule } from '../policy.ts'

// The backlog is not the reason, so the producer may retry after the shortest wait.
const OVERLOADED: Objection = { kind: 'load', retry: { afterMs: 0 } }

/** This process, not the queue, is the bottleneck: its event loop or heap is beyond the limit. */
const processOverloaded: PolicyModule = {
  rank: 50,
  create: () => ({
    judge: ({ priorityClass }, { isProcessOverloaded }) =>
      isProcessOverloaded && priorityClass !== 'critical' ? OVERLOADED : undefined
  })
}

export default processOverloaded
