export const MIN_RETRY_AFTER_SECONDS = 1
export const MAX_RETRY_AFTER_SECONDS = 120

/** Events per second below which a queue counts as not draining at all. */
const NEGLIGIBLE_RATE = 0.001

/**
 * Seconds until a refused event would be admitted: the time that the excess over `targetDepth` needs to drain at the rate
 * that is left after what is still being admitted. Spread over [base, 2 x base] so that refused producers do not come back
 * together, and bounded to 1 to 120 s.
 *
 * @param excess events above the depth at which this priority is admitted again
 * @param netDrainRate events per second, finished minus still admitted; zero or less means it does not drain
 * @param random uniform in [0, 1)
 */
export function retryAfterSeconds (excess: number, netDrainRate: number, random: number): number {
  const base = Math.ceil(Math.max(0, excess) / Math.max(NEGLIGIBLE_RATE, netDrainRate))
  const spread = Math.round(Math.max(MIN_RETRY_AFTER_SECONDS, base) * (1 + random))
  return Math.min(MAX_RETRY_AFTER_SECONDS, spread)
}
