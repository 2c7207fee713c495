import type { Offer } from './offer.ts'
import type { Settlement } from './permit.ts'
import type { Refusal } from './refusal.ts'

/** Counts whatever admission decides: ledger, metrics, types. The gate is its only caller, so no writer can forget it. */
export interface AdmissionCounters {
  /** An event came, or a request was refused unread in the place of its events. */
  offered: (offer: Offer) => void
  admitted: (offer: Offer) => void
  /** @param isEnforced false when the offer is admitted in spite of it */
  refused: (offer: Offer, refusal: Refusal, isEnforced: boolean) => void
  settled: (offer: Offer, settlement: Exclude<Settlement, 'lost'>) => void
  /** An event came that is not valid. */
  invalid: () => void
  reset: () => void
}
