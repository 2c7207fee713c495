import type { PolicyModule } from '../policy.ts'

/**
 * A share of low events gives way to a breach that the forecast sees coming. Control decides on the share with each
 * reading, and the draw of an offer on whether it is in that share.
 */
const ahead: PolicyModule = {
  rank: 44,
  sparesFairShares: true,
  create: () => ({
    judge: ({ priorityClass, draw }, { signals: { preShed } }) => (
      preShed !== undefined && priorityClass === 'low' && draw < preShed.share
        ? { kind: 'load', retry: { afterMs: preShed.retryAfterMs } }
        : undefined
    )
  })
}

export default ahead
