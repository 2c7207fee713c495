import { nextCircuitState, openingDepth, readmissionDepth } from '../circuit.ts'
import type { PolicyModule } from '../policy.ts'

/**
 * An open circuit admits critical events only. The depth admitted since the last sample counts too: the state itself
 * moves on samples, but a flood between two of them must not pass.
 */
const circuitOpen: PolicyModule = {
  rank: 30,
  sparesFairShares: true,
  create: () => ({
    judge: ({ priorityClass }, { signals: { circuits, thresholds }, depth }) => {
      if (priorityClass === 'critical') return undefined
      const isOpen = circuits.depth === 'OPEN' || nextCircuitState(circuits.depth, depth, thresholds) === 'OPEN'
      return isOpen ? { kind: 'load', retry: { belowDepth: readmissionDepth(thresholds, priorityClass) } } : undefined
    },
    mostDepth: (priorityClass, { circuits, thresholds }) =>
      priorityClass === 'critical' ? undefined : openingDepth(circuits.depth, thresholds)
  })
}

export default circuitOpen
