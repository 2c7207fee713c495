/** Decisions that are timed together: reading the clock costs about as much as one of them. */
export const GROUP_SIZE = 32

/**
 * Nanoseconds per decision of each group, in the order in which they were timed. Nothing is subtracted: the loop and the two
 * readings of the clock are in it.
 *
 * @param between is run, untimed, between two groups
 */
export function timeGroups (groups: number, decide: () => void, between: () => void, nanos: () => bigint = process.hrtime.bigint): Float64Array {
  const times = new Float64Array(groups)
  for (let group = 0; group < groups; group++) {
    const startedAt = nanos()
    for (let left = GROUP_SIZE; left > 0; left--) decide()
    times[group] = Number(nanos() - startedAt) / GROUP_SIZE
    between()
  }
  return times
}

/** The value that this share of all does not exceed, by nearest rank. */
export function quantile (values: Float64Array, share: number): number {
  return values.toSorted()[Math.max(0, Math.ceil(share * values.length) - 1)] as number
}
