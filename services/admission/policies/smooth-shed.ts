import type { PolicyModule } from '../policy.ts'

/**
 * With SHEDDING=smooth, a share of the load gives way instead of all of a class: control decides on the shares with each
 * reading, and the draw of an offer on whether it is in the share of its class.
 */
const smoothShed: PolicyModule = {
  rank: 45,
  sparesFairShares: true,
  create: () => ({
    judge: ({ priorityClass, draw }, { signals: { shedding } }) => {
      if (shedding === undefined) return undefined
      const share = shedding.shares[priorityClass]
      // The larger the share, the more of the queue has to go before the event is likely to get in.
      return draw < share ? { kind: 'load', retry: { belowDepth: shedding.targetDepth * (1 - share) } } : undefined
    }
  })
}

export default smoothShed
