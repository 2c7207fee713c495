import { lowReadmissionDepth } from '../circuit.ts'
import type { PolicyModule } from '../policy.ts'

/**
 * With adaptive thresholds the queue holds as many events as normal ones can wait behind within their budget. From that
 * depth an event gets in for each one that workers finish, so the circuit does not have to open.
 */
const delayBudget: PolicyModule = {
  rank: 35,
  sparesFairShares: true,
  create: () => ({
    judge: ({ priorityClass }, { signals: { circuits, thresholds, kept }, depth }) => {
      const { hold } = thresholds
      if (hold === undefined || depth < hold || priorityClass === 'critical') return undefined
      // Below the hold another policy still refuses low.
      const belowDepth = priorityClass === 'low'
        ? lowReadmissionDepth(circuits.depth, thresholds, kept !== undefined)
        : hold
      return { kind: 'load', retry: { belowDepth } }
    }
  })
}

export default delayBudget
