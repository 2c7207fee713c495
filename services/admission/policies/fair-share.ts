import type { PolicyModule } from '../policy.ts'

const LONGEST_RETRY_MS = 60_000

/**
 * An organization that offers more than its fair share gives up a part of the excess before the policies that look at
 * the depth have to act on all. Control decides on the parts with each reading.
 */
const fairShare: PolicyModule = {
  rank: 28,
  create: () => ({
    judge: ({ stage, organizationId, isInternal, priorityClass, draw }, { signals: { fairShares } }) => {
      // An unread request without a key may be of any organization.
      if (fairShares === undefined || isInternal || (stage === 'head' && organizationId === undefined)) return undefined
      const over = fairShares.over(organizationId)
      if (over === undefined || draw >= over.shares[priorityClass]) return undefined
      // As many seconds as the event would need tries: an organization that keeps to them comes down to its share.
      const afterMs = Math.min(LONGEST_RETRY_MS, 1_000 / (1 - over.shares[priorityClass]))
      return { kind: 'load', retry: { afterMs }, over }
    }
  })
}

export default fairShare
