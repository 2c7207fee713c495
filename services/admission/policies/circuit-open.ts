import { nextCircuitState, readmissionDepth } from '../circuit.ts'
import type { SheddingPolicy } from '../policy.ts'

/**
 * An open circuit admits critical events only. The depth admitted since the last sample counts too: the state itself
 * moves on samples, but a flood between two of them must not pass.
 */
const circuitOpen: SheddingPolicy = {
  rank: 30,
  spools: false,
  refuses: ({ signals, depth }, priorityClass) => priorityClass !== 'critical' && (
    signals.circuits.depth === 'OPEN' || nextCircuitState(signals.circuits.depth, depth, signals.thresholds) === 'OPEN'
  ),
  readmitsAtDepth: ({ signals }, priorityClass) => readmissionDepth(signals.thresholds, priorityClass)
}

export default circuitOpen
