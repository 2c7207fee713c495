import { nextCircuitState, readmissionDepth } from '../circuit.ts'
import { BYTES_CLOSE_SHARE } from '../memory.ts'
import type { PolicyModule } from '../policy.ts'
import type { PriorityClass } from '../priority-class.ts'
import { depthAtBytes } from '../readmission-bytes.ts'
import type { Load } from '../signals.ts'
import { LOW_SHED_SHARE, type Thresholds } from '../thresholds.ts'

/**
 * Redis holds too many bytes, whatever the number of events: low priority gives way first, then normal, as with the
 * depth. Bytes admitted since the last sample count too.
 */
const queueBytes: PolicyModule = {
  rank: 25,
  create: () => ({
    judge: ({ priorityClass }, load) => {
      const { thresholds } = load.signals.memory
      if (thresholds === undefined || priorityClass === 'critical') return undefined
      if (!isOverBytes(load, thresholds, priorityClass)) return undefined
      return {
        kind: 'load',
        retry: { belowDepth: depthAtBytes(load, readmissionBytes(load, thresholds, priorityClass)) }
      }
    }
  })
}

function isOverBytes (
  { signals: { circuits }, bytes }: Load,
  thresholds: Thresholds,
  priorityClass: PriorityClass
): boolean {
  if (circuits.bytes === 'OPEN') return true
  if (nextCircuitState(circuits.bytes, bytes, thresholds, BYTES_CLOSE_SHARE) === 'OPEN') return true
  return priorityClass === 'low' && (circuits.bytes === 'HALF_OPEN' || bytes >= thresholds.critical * LOW_SHED_SHARE)
}

function readmissionBytes (
  { signals: { circuits }, bytes }: Load,
  thresholds: Thresholds,
  priorityClass: PriorityClass
): number {
  const isLowAlone = circuits.bytes === 'CLOSED' && bytes < thresholds.critical
  return isLowAlone
    ? thresholds.critical * LOW_SHED_SHARE
    : readmissionDepth(thresholds, priorityClass, BYTES_CLOSE_SHARE)
}

export default queueBytes
