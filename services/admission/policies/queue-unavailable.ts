import type { Objection, PolicyModule } from '../policy.ts'

// The backlog is unknown, so no longer wait could be justified.
const UNAVAILABLE: Objection = { kind: 'queue', retry: { afterMs: 0 } }

/** An unreadable queue is not an empty queue. Critical events are still tried: the write decides. */
const queueUnavailable: PolicyModule = {
  rank: 20,
  kind: 'queue',
  create: () => ({
    judge: ({ priorityClass }, { signals }) =>
      !signals.isDepthKnown && priorityClass !== 'critical' ? UNAVAILABLE : undefined
  })
}

export default queueUnavailable
