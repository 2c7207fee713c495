import type { PolicyModule } from '../policy.ts'
import { absenceRetryMs } from '../retry-after.ts'

/** An unreadable queue is not an empty queue. Critical events are still tried: the write decides. */
const queueUnavailable: PolicyModule = {
  rank: 20,
  kind: 'queue',
  create: ({ now }) => ({
    judge: ({ priorityClass }, { signals: { isDepthKnown, takenAt } }) =>
      !isDepthKnown && priorityClass !== 'critical'
        ? { kind: 'queue', retry: { afterMs: absenceRetryMs(Math.max(0, now() - takenAt)) } }
        : undefined
  })
}

export default queueUnavailable
