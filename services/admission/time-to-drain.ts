import { rounded, shownRate } from './rate.ts'

/**
 * Seconds that workers need for these events: by the flow balance of a queue, events over what they do in a second
 * beyond what goes before. Infinity if nothing is left for them.
 */
export function drainSeconds (events: number, netRate: number): number {
  if (events <= 0) return 0
  return netRate > 0 ? events / netRate : Infinity
}

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
  const seconds = Math.ceil(drainSeconds(depth, rounded(shownRate(drainRate) - shownRate(arrivalRate))))
  return Number.isFinite(seconds) ? seconds : null
}
