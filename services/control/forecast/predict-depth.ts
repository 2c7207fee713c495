/*
 * The depth to come, from the rate of arrivals to come and what workers complete:
 *
 *   depth(t + h) = max(in work, depth + the integral of (arrivals - capacity))
 *
 * The bound below holds at every moment, not only at the end: an empty queue saves no capacity for later. Arrivals
 * follow a line from each forecast to the next. A queue that is all but empty still holds the events that are in work.
 */

/** Steps of the integral, in seconds. */
const STRIDE_SECONDS = 1

export interface Outlook {
  readonly depth: number
  /** Events per second: now, and forecast. The horizons ascend. */
  readonly arrivalsPerSecond: number
  readonly ahead: readonly { readonly seconds: number, readonly arrivalsPerSecond: number }[]
  /** Events per second that workers are sure to complete. */
  readonly capacityPerSecond: number
  /** Events that workers have in hand: as long as events arrive, about as many will be. */
  readonly inWork: number
  /** Depth that is not to be reached. */
  readonly limit: number
}

export interface PredictedDepth {
  /** At each of the horizons. */
  readonly depths: readonly number[]
  /** Seconds until the limit; undefined if it is not in sight. After the last horizon, its arrivals go on. */
  readonly breachSeconds: number | undefined
}

export function predictDepth (
  { depth, arrivalsPerSecond, ahead, capacityPerSecond, inWork, limit }: Outlook
): PredictedDepth {
  const depths: number[] = []
  const least = Math.min(depth, inWork)
  let breachSeconds = depth >= limit ? 0 : undefined
  let at = depth
  let from = { seconds: 0, arrivalsPerSecond }
  for (const to of ahead) {
    const span = to.seconds - from.seconds
    const strides = Math.max(1, Math.ceil(span / STRIDE_SECONDS))
    for (let stride = 0; stride < strides; stride++) {
      const middle = (stride + 0.5) / strides
      const arrivals = from.arrivalsPerSecond + middle * (to.arrivalsPerSecond - from.arrivalsPerSecond)
      const rate = arrivals - capacityPerSecond
      const next = Math.max(least, at + rate * span / strides)
      if (breachSeconds === undefined && next >= limit) {
        breachSeconds = from.seconds + stride * span / strides + (limit - at) / rate
      }
      at = next
    }
    depths.push(at)
    from = to
  }
  const rate = from.arrivalsPerSecond - capacityPerSecond
  if (breachSeconds === undefined && rate > 0) breachSeconds = from.seconds + (limit - at) / rate
  return { depths, breachSeconds }
}
