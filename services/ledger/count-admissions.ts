import type { AdmissionCounters } from '../admission/counters.ts'
import type { Offer } from '../admission/offer.ts'
import { CONSEQUENCES } from '../admission/refusal.ts'
import type { RetryAccuracy } from '../control/retry-accuracy.ts'
import type { AdmissionMetrics } from '../metrics/admission-metrics.ts'
import type { Usage } from '../organizations/usage.ts'
import type { AdmissionLedger, AdmissionOutcome } from './admission-ledger.ts'

/** Counts what becomes of the events of organizations; see services/statements/. */
export interface OrganizationOutcomes {
  count: (organizationId: string | undefined, field: AdmissionOutcome | 'overShare' | 'returned') => void
}

/**
 * Returns the counters of a running service: the ledger, the metrics, the types that the dashboard shows, the
 * accuracy of Retry-After, the use that organizations make, and their statements.
 */
export function countAdmissions (
  ledger: AdmissionLedger, metrics: AdmissionMetrics, types: { record: (type: string) => void },
  accuracy: Pick<RetryAccuracy, 'admitted' | 'refused'>, usage: Pick<Usage, 'offered'>,
  statements: OrganizationOutcomes
): AdmissionCounters {
  return {
    offered: (offer) => {
      const { priorityClass, type } = offer
      ledger.receive(priorityClass)
      usage.offered(offer)
      if (type !== undefined) types.record(type)
    },
    admitted: ({ priorityClass }) => {
      metrics.countAdmitted(priorityClass)
      accuracy.admitted(priorityClass)
    },
    refused: (offer, refusal, isEnforced) => {
      const { priorityClass } = offer
      metrics.countRefused(priorityClass, refusal)
      ledger.recordRefused(refusal.reason, priorityClass)
      if (!isEnforced) return
      const { outcome } = CONSEQUENCES[refusal.kind]
      ledger.settle(outcome, priorityClass)
      // Events of the service itself are part of no statement until they are in the queue.
      if (!offer.isInternal) {
        statements.count(organizationOf(offer), outcome)
        if (refusal.fairShare !== undefined) statements.count(organizationOf(offer), 'overShare')
      }
      accuracy.refused(priorityClass, refusal)
    },
    settled: (offer, settlement) => {
      ledger.settle(settlement, offer.priorityClass)
      if (!offer.isInternal) statements.count(organizationOf(offer), settlement)
      else if (settlement === 'enqueued') statements.count(offer.organizationId, 'returned')
    },
    invalid: (organizationId) => {
      ledger.receive('unknown')
      ledger.settle('invalid', 'unknown')
      statements.count(organizationId, 'invalid')
    },
    reset: () => metrics.reset()
  }
}

/** An event that names another organization than that of its key counts for the latter. */
function organizationOf ({ producer, organizationId }: Offer): string | undefined {
  return producer.organizationId ?? organizationId
}
