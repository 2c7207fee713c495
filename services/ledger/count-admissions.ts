import type { AdmissionCounters } from '../admission/counters.ts'
import { CONSEQUENCES } from '../admission/refusal.ts'
import type { RetryAccuracy } from '../control/retry-accuracy.ts'
import type { AdmissionMetrics } from '../metrics/admission-metrics.ts'
import type { Usage } from '../organizations/usage.ts'
import type { AdmissionLedger } from './admission-ledger.ts'

/**
 * Returns the counters of a running service: the ledger, the metrics, the types that the dashboard shows, the
 * accuracy of Retry-After, and the use that organizations make.
 */
export function countAdmissions (
  ledger: AdmissionLedger, metrics: AdmissionMetrics, types: { record: (type: string) => void },
  accuracy: Pick<RetryAccuracy, 'admitted' | 'refused'>, usage: Pick<Usage, 'offered' | 'admitted' | 'refused'>
): AdmissionCounters {
  return {
    offered: (offer) => {
      const { priorityClass, type } = offer
      ledger.receive(priorityClass)
      usage.offered(offer)
      if (type !== undefined) types.record(type)
    },
    admitted: (offer) => {
      const { priorityClass } = offer
      usage.admitted(offer)
      metrics.countAdmitted(priorityClass)
      accuracy.admitted(priorityClass)
    },
    refused: (offer, refusal, isEnforced) => {
      const { priorityClass } = offer
      metrics.countRefused(priorityClass, refusal)
      ledger.recordRefused(refusal.reason, priorityClass)
      if (!isEnforced) return
      ledger.settle(CONSEQUENCES[refusal.kind].outcome, priorityClass)
      usage.refused(offer, refusal.kind)
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
