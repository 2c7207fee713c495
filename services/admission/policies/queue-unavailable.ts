import type { Objection, PolicyModule } from '../policy.ts'

// Nothing is known of the backlog, so the shortest wait is the only honest one.
const UNAVAILABLE: Objection = { kind: 'queue', retry: { afterMs: 0 } }

/** A queue that cannot be read is not an empty queue. Critical events are still tried: the write itself tells. */
const queueUnavailable: PolicyModule = {
  rank: 20,
  kind: 'queue',
  create: () => ({
    judge: ({ priorityClass }, { signals }) =>
      !signals.isDepthKnown && priorityClass !== 'critical' ? UNAVAILABLE : undefined
  })
}

export default queueUnavailable
