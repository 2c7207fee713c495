import { waterLevel } from '../../services/organizations/water-filling.ts'
import { totalOf } from '../arrivals/arrivals.ts'
import type { Population } from './population.ts'
import type { World } from './world.ts'

/** An organization beside the others. */
export interface Standing {
  /** It offers less work than the mean of those that are no flood. */
  readonly isLight: boolean
  readonly isFlood: boolean
  /** Whether the work that it offers in a bin of the arrivals is below its fair share of the capacity. */
  readonly isBelowShare: readonly boolean[]
}

/** Returns the standing of each organization. Arrivals that do not tell organizations have one bin, of all their time. */
export function standingsOf (
  { arrivals, slots, meanServiceMs }: Pick<World, 'arrivals' | 'slots' | 'meanServiceMs'>, population: Population
): Standing[] {
  const { workShares } = population
  const capacityPerBin = slots * arrivals.binMs / meanServiceMs
  const rows = arrivals.organizations?.map(({ counts }, index) =>
    counts.map((count) => count * population.meanServiceOf(index))) ??
    Array.from(workShares, (share) => Float64Array.of(share * totalOf(arrivals.counts) / arrivals.counts.length))
  const levels = (rows[0] ?? new Float64Array()).map((_, bin) =>
    waterLevel(rows.map((work) => ({ demand: work[bin] as number, weight: 1 })), capacityPerBin))
  const others = workShares.filter((_, index) => !population.isFlood(index))
  const mean = others.reduce((sum, share) => sum + share, 0) / others.length
  return rows.map((work, index) => ({
    isLight: (workShares[index] as number) < mean && !population.isFlood(index),
    isFlood: population.isFlood(index),
    isBelowShare: Array.from(work, (demand, bin) => demand <= (levels[bin] as number) && !population.isFlood(index))
  }))
}
