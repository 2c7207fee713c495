/** Arrivals as counts per bin. Where inside its bin an event arrives is drawn. */
export interface Arrivals {
  readonly binMs: number
  /** Events per bin; fractions after scaling. */
  readonly counts: Float64Array
  /** True for counts of events that really arrived; false for the means of a Poisson process. */
  readonly isCounted: boolean
  /** The organizations that arrived, if the trace tells. */
  readonly organizations?: readonly OrganizationArrivals[]
  /** The kinds of the events, if a service has recorded them. */
  readonly recorded?: RecordedArrivals
}

/** Events of one class, organization and type; the latter two by their index. */
export interface ArrivalKind {
  readonly class: number
  readonly organization: number
  readonly type: number
}

/** Entries in the order of their bins: so many events of a kind in a bin. */
export interface RecordedArrivals {
  readonly kinds: readonly ArrivalKind[]
  /** Undefined stands for events without one. */
  readonly organizations: readonly (string | undefined)[]
  readonly types: readonly (string | undefined)[]
  /** The first entry of each bin, and the end of the last one. */
  readonly starts: Int32Array
  readonly kindOf: Int32Array
  readonly counts: Float64Array
  /** Those of the events that the service refused. */
  readonly refused: Float64Array
}

/** The row of an organization in a trace. */
export interface OrganizationArrivals {
  readonly name: string
  /** Mean service time, in any unit that all organizations share. */
  readonly serviceTime: number
  readonly counts: Float64Array
  /** Absent for an organization of the trace. */
  readonly isFlood?: boolean
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
  return withCounts(arrivals, multiplied, (recorded) => ({
    ...recorded, counts: multiplied(recorded.counts), refused: multiplied(recorded.refused)
  }))
}

/** The part of the arrivals between two shares of their duration. */
export function partOf (arrivals: Arrivals, from: number, to: number): Arrivals {
  const at = (share: number) => Math.round(arrivals.counts.length * share)
  return withCounts(
    arrivals,
    (counts) => counts.subarray(at(from), at(to)),
    (recorded) => ({ ...recorded, starts: recorded.starts.subarray(at(from), at(to) + 1) })
  )
}

function withCounts (
  arrivals: Arrivals,
  change: (counts: Float64Array) => Float64Array,
  changeRecorded: (recorded: RecordedArrivals) => RecordedArrivals
): Arrivals {
  const { organizations, recorded, counts } = arrivals
  return {
    ...arrivals,
    counts: change(counts),
    ...(organizations && { organizations: organizations.map((row) => ({ ...row, counts: change(row.counts) })) }),
    ...(recorded && { recorded: changeRecorded(recorded) })
  }
}
