import type { Offer } from './offer.ts'
import type { Settlement } from './permit.ts'
import type { Refusal } from './refusal.ts'

/**
 * Counts all decisions of admission: ledger, metrics, types. Only the gate calls it, so no writer can forget to count.
 */
export interface AdmissionCounters {
  /** An event arrived, or a request was refused unread and counts instead of its events. */
  offered: (offer: Offer) => void
  admitted: (offer: Offer) => void
  /** @param isEnforced false if the offer is admitted nevertheless */
  refused: (offer: Offer, refusal: Refusal, isEnforced: boolean) => void
  settled: (offer: Offer, settlement: Exclude<Settlement, 'lost'>) => void
  /** An invalid event arrived; its organization is known from the key. */
  invalid: (organizationId: string | undefined) => void
  reset: () => void
}
