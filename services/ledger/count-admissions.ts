import type { AdmissionCounters } from '../admission/counters.ts'
import { CONSEQUENCES } from '../admission/refusal.ts'
import type { AdmissionMetrics } from '../metrics/admission-metrics.ts'
import type { AdmissionLedger } from './admission-ledger.ts'

/** Returns the counters of a running service: the ledger, the metrics, and the types that the dashboard shows. */
export function countAdmissions (
  ledger: AdmissionLedger, metrics: AdmissionMetrics, types: { record: (type: string) => void }
): AdmissionCounters {
  return {
    offered: ({ priorityClass, type }) => {
      ledger.receive(priorityClass)
      if (type !== undefined) types.record(type)
    },
    admitted: ({ priorityClass }) => metrics.countAdmitted(priorityClass),
    refused: ({ priorityClass }, refusal, isEnforced) => {
      metrics.countRefused(priorityClass, refusal)
      ledger.recordRefused(refusal.reason, priorityClass)
      if (isEnforced) ledger.settle(CONSEQUENCES[refusal.kind].outcome, priorityClass)
    },
    settled: ({ priorityClass }, settlement) => ledger.settle(settlement, priorityClass),
    invalid: () => {
      ledger.receive('unknown')
      ledger.settle('invalid', 'unknown')
    },
    reset: () => metrics.reset()
  }
}
