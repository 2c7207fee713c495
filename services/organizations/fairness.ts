import type { Fairness } from '../admission/fairness.ts'
import { smoothRate } from '../admission/rate.ts'
import type { Shares } from '../fleet/share.ts'
import { weightOf } from './fair-weight.ts'
import { fairDepth, fairShares, type Pressure } from './fair-shares.ts'
import { mergedWork, workReport } from './usage-fleet.ts'
import type { Usage } from './usage.ts'

/** The depth has to be below its mean over a time like this to be shrinking. */
const TREND_HALF_LIFE_MS = 500

export interface OrganizationFairnessOptions {
  readonly usage: Usage
  /** The settings in force. */
  readonly settings: () => Readonly<Record<string, unknown>>
}

/** Shares the capacity out by the use that organizations make of all replicas. */
export class OrganizationFairness implements Fairness {
  readonly #options: OrganizationFairnessOptions
  #others: readonly Shares[] = []
  #depth = 0
  #meanDepth: number | undefined

  constructor (options: OrganizationFairnessOptions) {
    this.#options = options
  }

  /** Takes in the depth of a reading, before it is asked about shares at that depth. */
  follow (depth: number, elapsedMs: number): void {
    this.#depth = depth
    this.#meanDepth = smoothRate(this.#meanDepth, depth, elapsedMs, TREND_HALF_LIFE_MS)
  }

  /** Nothing is computed while no policy refuses anything because of the depth. */
  sharesAt (
    pressure: Omit<Pressure, 'isShrinking'>, isShedding: boolean, settings = this.#options.settings()
  ): ReturnType<typeof fairShares> {
    if (!isShedding && pressure.depth < fairDepth(pressure.thresholds)) return undefined
    const { usage } = this.#options
    return fairShares({
      work: mergedWork(usage.work, this.#others),
      weightOf: (organizationId) => weightOf(settings, organizationId),
      mixOf: (organizationId) => usage.mixOf(organizationId),
      steadinessOf: (organizationId) => usage.steadinessOf(organizationId)
    }, { ...pressure, isShrinking: this.#depth < (this.#meanDepth ?? 0) })
  }

  /** The use made of this replica, for the others. */
  report (): Shares {
    return workReport(this.#options.usage.work)
  }

  /** Takes in the reports of the other replicas, in place of the ones before. */
  observe (others: readonly Shares[]): void {
    this.#others = others
  }
}
