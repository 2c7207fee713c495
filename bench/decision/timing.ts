const NANOS_PER_MS = 1_000_000

/**
 * Returns the nanoseconds per decision of each group, in the order of timing, including the loop and the two readings
 * of the clock.
 *
 * @param size decisions in a group
 * @param between runs untimed between two groups
 */
export function timeGroups (
  groups: number,
  size: number,
  decide: () => void,
  between: () => void,
  nowMs: () => number = () => performance.now()
): Float64Array {
  const times = new Float64Array(groups)
  for (let group = 0; group < groups; group++) {
    const startedAt = nowMs()
    for (let left = size; left > 0; left--) decide()
    times[group] = (nowMs() - startedAt) * NANOS_PER_MS / size
    between()
  }
  return times
}

/** Returns the values that these shares of all do not exceed, by nearest rank. */
export function quantiles (values: Float64Array, ...shares: readonly number[]): number[] {
  const sorted = values.toSorted()
  return shares.map((share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number)
}
