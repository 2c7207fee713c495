import { nextCircuitState, readmissionDepth } from '../circuit.ts'
import type { PolicyModule } from '../policy.ts'
import { lowShedDepth } from '../thresholds.ts'

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
      if (hold === undefined || depth < hold) return undefined
      if (priorityClass === 'normal') return { kind: 'load', retry: { belowDepth: hold } }
      // Below the hold another policy still refuses low.
      const isOnItsWayBack = circuits.depth === 'HALF_OPEN'
      const belowDepth = isOnItsWayBack ? readmissionDepth(thresholds, 'low') : lowShedDepth(thresholds)
      return { kind: 'load', retry: { belowDepth } }
    }
  })
}

export default circuitOpen
