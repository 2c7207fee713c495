import type { FairShares } from './signals.ts'
import type { Thresholds } from './thresholds.ts'

/** Shares the capacity out between organizations. */
export interface Fairness {
  /** @param isShedding whether anything is shed whatever the depth is */
  sharesAt: (
    pressure: { readonly depth: number, readonly thresholds: Thresholds, readonly capacityPerSecond: number },
    isShedding: boolean
  ) => FairShares | undefined
}
