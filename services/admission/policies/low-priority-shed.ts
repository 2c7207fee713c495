import { lowReadmissionDepth } from '../circuit.ts'
import type { PolicyModule } from '../policy.ts'

/**
 * Low priority gives way before the circuit has to open, and until it has closed again. A sample of it stands in for the
 * first, up to the last places before the circuit: those are for normal events.
 */
const lowPriorityShed: PolicyModule = {
  rank: 40,
  sparesFairShares: true,
  create: () => ({
    judge: ({ priorityClass }, { signals: { circuits, thresholds, kept }, depth }) => {
      if (priorityClass !== 'low') return undefined
      const belowDepth = lowReadmissionDepth(circuits.depth, thresholds, kept !== undefined)
      const isOnItsWayBack = circuits.depth === 'HALF_OPEN'
      return isOnItsWayBack || depth >= belowDepth ? { kind: 'load', retry: { belowDepth } } : undefined
    }
  })
}

export default lowPriorityShed
