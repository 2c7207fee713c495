import { rounded, shownRate } from './rate.ts'

/**
 * Seconds until the queue is empty if all goes on as it does; null when it does not get shorter. It follows from the
 * two rates as they are shown beside it, so that nobody reads of an end where more comes than goes.
 */
export function timeToDrainSeconds ({
  depth, arrivalRate, drainRate
}: {
  depth: number
  arrivalRate: number
  drainRate: number
}): number | null {
  if (depth === 0) return 0
  const netRate = rounded(shownRate(drainRate) - shownRate(arrivalRate))
  return netRate > 0 ? Math.ceil(depth / netRate) : null
}
