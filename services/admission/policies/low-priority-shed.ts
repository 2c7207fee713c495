import { readmissionDepth } from '../circuit.ts'
import type { SheddingPolicy } from '../policy.ts'
import { LOW_SHED_SHARE } from '../thresholds.ts'

/** Low priority gives way before the circuit has to open, and until it has closed again. */
const lowPriorityShed: SheddingPolicy = {
  rank: 40,
  spools: false,
  refuses: ({ signals, depth }, priorityClass) => priorityClass === 'low' && (
    signals.circuits.depth === 'HALF_OPEN' || depth >= signals.thresholds.critical * LOW_SHED_SHARE
  ),
  readmitsAtDepth: ({ signals }, priorityClass) => signals.circuits.depth === 'HALF_OPEN'
    ? readmissionDepth(signals.thresholds, priorityClass)
    : signals.thresholds.critical * LOW_SHED_SHARE
}

export default lowPriorityShed
