import type { SheddingPolicy } from '../policy.ts'
import { CLOSE_SHARE, LOW_SHED_SHARE } from '../thresholds.ts'

/** Low priority gives way before the circuit has to open, and until it has closed again. */
const lowPriorityShed: SheddingPolicy = {
  rank: 40,
  refuses: ({ signals, depth }, priorityClass) => priorityClass === 'low' && (
    signals.circuitState === 'HALF_OPEN' || depth >= signals.thresholds.critical * LOW_SHED_SHARE
  ),
  readmitsAtDepth: ({ signals }) => signals.circuitState === 'HALF_OPEN'
    ? signals.thresholds.recovery * CLOSE_SHARE
    : signals.thresholds.critical * LOW_SHED_SHARE
}

export default lowPriorityShed
