import { readmissionDepth } from '../circuit.ts'
import type { PolicyModule } from '../policy.ts'
import { lowShedDepth } from '../thresholds.ts'

/**
 * Low priority gives way before the circuit has to open, and until it has closed again. While a sample of it is kept,
 * that stands in for the first.
 */
const lowPriorityShed: PolicyModule = {
  rank: 40,
  create: () => ({
    judge: ({ priorityClass }, { signals: { circuits, thresholds, kept }, depth }) => {
      if (priorityClass !== 'low') return undefined
      if (circuits.depth === 'HALF_OPEN') {
        return { kind: 'load', retry: { belowDepth: readmissionDepth(thresholds, priorityClass) } }
      }
      if (kept !== undefined) return undefined
      const belowDepth = lowShedDepth(thresholds)
      return depth >= belowDepth ? { kind: 'load', retry: { belowDepth } } : undefined
    }
  })
}

export default lowPriorityShed
