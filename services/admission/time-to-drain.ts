import { rounded, shownRate } from './rate.ts'

/**
 * Returns the seconds that workers need for these events, by the flow balance of a queue: the events over the net rate,
 * which is the drain rate less the arrivals that go before. Infinity if the net rate is not above 0.
 */
export function drainSeconds (events: number, netRate: number): number {
  if (events <= 0) return 0
  return netRate > 0 ? events / netRate : Infinity
}

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
  const seconds = Math.ceil(drainSeconds(depth, rounded(shownRate(drainRate) - shownRate(arrivalRate))))
  return Number.isFinite(seconds) ? seconds : null
}
