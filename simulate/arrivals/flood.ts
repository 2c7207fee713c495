import { totalOf, type Arrivals, type OrganizationArrivals } from './arrivals.ts'

export const SPLITS = ['keys', 'types', 'names'] as const

/** One organization that offers far more than its share in the second third. */
export interface Flood {
  /** Times the capacity. */
  readonly factor: number
  /** Over its keys, its types, or organizations that it invents; undefined for a plain flood. */
  readonly split: (typeof SPLITS)[number] | undefined
  /** Number of keys, types or names. */
  readonly parts: number
}

/**
 * Adds a flood to arrivals. Arrivals that tell no organizations are shared out first: the n-th gets a part proportional
 * to 1/n.
 *
 * @param capacityPerSecond events of mean service time
 */
export function withFlood (
  arrivals: Arrivals, { factor, split, parts }: Flood, capacityPerSecond: number, organizations: number
): Arrivals {
  const rows = arrivals.organizations ?? harmonicRows(arrivals.counts, organizations)
  const names = split === 'names' ? parts : 1
  const eventsPerBin = factor * capacityPerSecond * arrivals.binMs / 1_000 / names
  const bins = arrivals.counts.length
  const counts = arrivals.counts.map((_, bin) => bin >= bins / 3 && bin < 2 * bins / 3 ? eventsPerBin : 0)
  const serviceTime = meanServiceTime(rows)
  const flood = Array.from({ length: names }, (_, index): OrganizationArrivals => (
    { name: `flood-${index}`, serviceTime, counts, isFlood: true }
  ))
  return {
    ...arrivals,
    isCounted: true,
    counts: arrivals.counts.map((count, bin) => count + names * (counts[bin] as number)),
    organizations: [...rows, ...flood]
  }
}

function harmonicRows (counts: Float64Array, organizations: number): OrganizationArrivals[] {
  const parts = Array.from({ length: organizations }, (_, index) => 1 / (index + 1))
  const total = parts.reduce((sum, part) => sum + part, 0)
  return parts.map((part, index) => (
    { name: `organization-${index}`, serviceTime: 1, counts: counts.map((count) => count * part / total) }
  ))
}

/** Over all events, so that the flood leaves the mean as it is. */
function meanServiceTime (rows: readonly OrganizationArrivals[]): number {
  const events = rows.map(({ counts }) => totalOf(counts))
  const work = rows.reduce((sum, { serviceTime }, index) => sum + serviceTime * (events[index] as number), 0)
  return work / events.reduce((sum, count) => sum + count, 0)
}
