import type { AdmissionCounters } from '../admission/counters.ts'
import { CONSEQUENCES } from '../admission/refusal.ts'
import type { RetryAccuracy } from '../control/retry-accuracy.ts'
import type { AdmissionMetrics } from '../metrics/admission-metrics.ts'
import type { AdmissionLedger } from './admission-ledger.ts'

/**
 * Returns the counters of a running service: the ledger, the metrics, the types that the dashboard shows, and the
 * accuracy of Retry-After.
 */
export function countAdmissions (
  ledger: AdmissionLedger, metrics: AdmissionMetrics, types: { record: (type: string) => void },
  accuracy: Pick<RetryAccuracy, 'admitted' | 'refused'>
): AdmissionCounters {
  return {
    offered: ({ priorityClass, type }) => {
      ledger.receive(priorityClass)
      if (type !== undefined) types.record(type)
    },
    admitted: ({ priorityClass }) => {
      metrics.countAdmitted(priorityClass)
      accuracy.admitted(priorityClass)
    },
    refused: ({ priorityClass }, refusal, isEnforced) => {
      metrics.countRefused(priorityClass, refusal)
      ledger.recordRefused(refusal.reason, priorityClass)
      if (!isEnforced) return
      ledger.settle(CONSEQUENCES[refusal.kind].outcome, priorityClass)
      accuracy.refused(priorityClass, refusal)
    },
    settled: ({ priorityClass }, settlement) => ledger.settle(settlement, priorityClass),
    invalid: () => {
      ledger.receive('unknown')
      ledger.settle('invalid', 'unknown')
    },
    reset: () => metrics.reset()
  }
}
