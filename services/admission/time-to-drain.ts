import { rounded, shownRate } from './rate.ts'

/**
 * Returns the seconds until the queue is empty at the present rates; null if it does not shrink. Uses the rates as they
 * are shown, so no answer names an end beside an arrival rate above the drain rate.
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
