/** Arrivals as counts per bin. Where inside its bin an event arrives is drawn. */
export interface Arrivals {
  readonly binMs: number
  /** Events per bin; fractions after scaling. */
  readonly counts: Float64Array
  /** True for counts of events that really arrived; false for the means of a Poisson process. */
  readonly isCounted: boolean
  /** The organizations that arrived, if the trace tells. */
  readonly organizations?: readonly OrganizationArrivals[]
}

/** The row of an organization in a trace. */
export interface OrganizationArrivals {
  readonly name: string
  /** Mean service time, in any unit that all organizations share. */
  readonly serviceTime: number
  readonly counts: Float64Array
}

export function durationOf ({ binMs, counts }: Arrivals): number {
  return binMs * counts.length
}

export function totalOf (counts: Float64Array): number {
  return counts.reduce((total, count) => total + count, 0)
}

/** Multiplies the load. */
export function scaled (arrivals: Arrivals, scale: number): Arrivals {
  const multiplied = (counts: Float64Array) => counts.map((count) => count * scale)
  return withCounts(arrivals, multiplied)
}

/** The part of the arrivals between two shares of their duration. */
export function partOf (arrivals: Arrivals, from: number, to: number): Arrivals {
  const at = (share: number) => Math.round(arrivals.counts.length * share)
  return withCounts(arrivals, (counts) => counts.subarray(at(from), at(to)))
}

function withCounts (arrivals: Arrivals, change: (counts: Float64Array) => Float64Array): Arrivals {
  const { organizations, counts } = arrivals
  return {
    ...arrivals,
    counts: change(counts),
    ...(organizations && { organizations: organizations.map((row) => ({ ...row, counts: change(row.counts) })) })
  }
}
