import { nextCircuitState, readmissionDepth } from '../circuit.ts'
import type { PolicyModule } from '../policy.ts'

/**
 * An open circuit admits critical events only. The depth admitted since the last sample counts too: the state itself
 * moves on samples, but a flood between two of them must not pass. Thresholds with a hold refuse before the circuit has
 * to open: events get in one by one, as workers finish others.
 */
const circuitOpen: PolicyModule = {
  rank: 30,
  create: () => ({
    judge: ({ priorityClass }, { signals: { circuits, thresholds }, depth }) => {
      if (priorityClass === 'critical') return undefined
      const isOpen = circuits.depth === 'OPEN' || nextCircuitState(circuits.depth, depth, thresholds) === 'OPEN'
      if (isOpen) return { kind: 'load', retry: { belowDepth: readmissionDepth(thresholds, priorityClass) } }
      const { hold } = thresholds
      return hold !== undefined && depth >= hold ? { kind: 'load', retry: { belowDepth: hold } } : undefined
    }
  })
}

export default circuitOpen
