import { readmissionDepth } from '../circuit.ts'
import type { PolicyModule } from '../policy.ts'
import { lowShedDepth } from '../thresholds.ts'

/** Low priority gives way before the circuit has to open, and until it has closed again. */
const lowPriorityShed: PolicyModule = {
  rank: 40,
  create: () => ({
    judge: ({ priorityClass }, { signals: { circuits, thresholds }, depth }) => {
      if (priorityClass !== 'low') return undefined
      if (circuits.depth === 'HALF_OPEN') {
        return { kind: 'load', retry: { belowDepth: readmissionDepth(thresholds, priorityClass) } }
      }
      const belowDepth = lowShedDepth(thresholds)
      return depth >= belowDepth ? { kind: 'load', retry: { belowDepth } } : undefined
    }
  })
}

export default lowPriorityShed
