import { readmissionDepth } from '../circuit.ts'
import { BYTES_CLOSE_SHARE } from '../memory.ts'
import type { PolicyModule } from '../policy.ts'
import type { PriorityClass } from '../priority-class.ts'
import { depthAtBytes } from '../readmission-bytes.ts'
import type { Load } from '../signals.ts'

/**
 * Above the hard limit of events or bytes nothing is put into the queue, not even critical events: Redis would run out
 * of memory.
 */
const queueFull: PolicyModule = {
  rank: 10,
  kind: 'queue',
  create: () => ({
    judge: ({ priorityClass }, load) => {
      const { isDepthKnown, thresholds } = load.signals
      if (!isDepthKnown || (load.depth < thresholds.hardLimit && !isFullOfBytes(load))) return undefined
      return { kind: 'queue', retry: { belowDepth: readmittedBelow(load, priorityClass) } }
    },
    mostDepth: (_priorityClass, { thresholds: { hardLimit } }) => hardLimit
  })
}

function readmittedBelow (load: Load, priorityClass: PriorityClass): number {
  const { thresholds, memory: { thresholds: bytes } } = load.signals
  const isCritical = priorityClass === 'critical'
  if (bytes !== undefined && isFullOfBytes(load)) {
    return depthAtBytes(load, isCritical ? bytes.hardLimit : readmissionDepth(bytes, priorityClass, BYTES_CLOSE_SHARE))
  }
  return isCritical ? thresholds.hardLimit : readmissionDepth(thresholds, priorityClass)
}

function isFullOfBytes ({ signals: { memory: { thresholds } }, bytes }: Load): boolean {
  return thresholds !== undefined && bytes >= thresholds.hardLimit
}

export default queueFull
