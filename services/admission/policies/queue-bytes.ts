import { nextCircuitState, readmissionDepth } from '../circuit.ts'
import { BYTES_CLOSE_SHARE } from '../memory.ts'
import type { SheddingPolicy } from '../policy.ts'
import { depthAtBytes } from '../readmission-bytes.ts'
import { LOW_SHED_SHARE } from '../thresholds.ts'

/**
 * Redis holds too many bytes, whatever the number of events: low priority gives way first, then normal, as with the
 * depth. Bytes admitted since the last sample count too.
 */
const queueBytes: SheddingPolicy = {
  rank: 25,
  spools: false,
  refuses: ({ signals: { circuits, memory: { thresholds } }, bytes }, priorityClass) => {
    if (thresholds === undefined || priorityClass === 'critical') return false
    if (circuits.bytes === 'OPEN') return true
    if (nextCircuitState(circuits.bytes, bytes, thresholds, BYTES_CLOSE_SHARE) === 'OPEN') return true
    return priorityClass === 'low' && (circuits.bytes === 'HALF_OPEN' || bytes >= thresholds.critical * LOW_SHED_SHARE)
  },
  readmitsAtDepth: (load, priorityClass) => {
    const { circuits, memory: { thresholds } } = load.signals
    if (thresholds === undefined) return undefined
    const isLowAlone = circuits.bytes === 'CLOSED' && load.bytes < thresholds.critical
    return depthAtBytes(load, isLowAlone
      ? thresholds.critical * LOW_SHED_SHARE
      : readmissionDepth(thresholds, priorityClass, BYTES_CLOSE_SHARE))
  }
}

export default queueBytes
