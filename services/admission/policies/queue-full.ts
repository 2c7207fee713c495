import { readmissionDepth } from '../circuit.ts'
import { BYTES_CLOSE_SHARE } from '../memory.ts'
import type { SheddingPolicy } from '../policy.ts'
import { depthAtBytes } from '../readmission-bytes.ts'
import type { Load } from '../signals.ts'

/**
 * Above the hard limit, of events or of bytes, nothing goes in, critical events included: it would be the end of
 * Redis.
 */
const queueFull: SheddingPolicy = {
  rank: 10,
  spools: true,
  refuses: (load) => {
    const { isDepthKnown, thresholds } = load.signals
    return isDepthKnown && (load.depth >= thresholds.hardLimit || isFullOfBytes(load))
  },
  readmitsAtDepth: (load, priorityClass) => {
    const { thresholds, memory: { thresholds: bytes } } = load.signals
    const isCritical = priorityClass === 'critical'
    if (bytes !== undefined && isFullOfBytes(load)) {
      const target = isCritical ? bytes.hardLimit : readmissionDepth(bytes, priorityClass, BYTES_CLOSE_SHARE)
      return depthAtBytes(load, target)
    }
    return isCritical ? thresholds.hardLimit : readmissionDepth(thresholds, priorityClass)
  }
}

function isFullOfBytes ({ signals: { memory: { thresholds } }, bytes }: Load): boolean {
  return thresholds !== undefined && bytes >= thresholds.hardLimit
}

export default queueFull
