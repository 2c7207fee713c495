import type { PolicyModule } from '../policy.ts'
import { absenceRetryMs } from '../retry-after.ts'

/** An unreadable queue is not an empty queue. Critical events are still tried: the write decides. */
const queueUnavailable: PolicyModule = {
  rank: 20,
  kind: 'queue',
  create: () => ({
    judge: ({ priorityClass }, { signals: { isDepthKnown }, absentMs = 0 }) =>
      !isDepthKnown && priorityClass !== 'critical'
        ? { kind: 'queue', retry: { afterMs: absenceRetryMs(absentMs) } }
        : undefined
  })
}

export default queueUnavailable
