import type { FairShares } from './signals.ts'
import type { Thresholds } from './thresholds.ts'

/** Shares the capacity out between organizations. */
export interface Fairness {
  /**
   * @param isShedding whether anything is shed whatever the depth is
   * @param settings with the weights of organizations; those in force if absent
   */
  sharesAt: (
    pressure: { readonly depth: number, readonly thresholds: Thresholds, readonly capacityPerSecond: number },
    isShedding: boolean, settings?: Readonly<Record<string, unknown>>
  ) => FairShares | undefined
}
