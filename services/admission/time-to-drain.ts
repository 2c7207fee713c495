import { priorityClass } from './priority-class.ts'
import { rounded, shownRate } from './rate.ts'
import type { Signals } from './signals.ts'
import { sum } from './sum.ts'

/**
 * Returns the seconds that workers need for these events, by the flow balance of a queue: the events over the net rate,
 * which is the drain rate less the arrivals that go before. Infinity if the net rate is not above 0.
 */
export function drainSeconds (events: number, netRate: number): number {
  if (events <= 0) return 0
  return netRate > 0 ? events / netRate : Infinity
}

/** Median time in which a random walk without drift passes a distance of 1, if its variance grows by 1 a second. */
const MEDIAN_PASSAGE_SECONDS = 2.2

/**
 * Returns the seconds until a queue is as likely as not to have been shorter by these events for a moment. Arrivals and
 * completions come by chance, so a queue that neither grows nor shrinks still falls by a few events before long. With
 * the variance s² of a second, the time of first passage has an inverse Gaussian distribution around events / netRate
 * (Schrödinger, 1915). Its median is that of a drain at netRate + s² / (2.2 x events), within 3 % unless it grows.
 *
 * @param turnover events per second that come and go, the variance of a second if they do so independently
 */
export function fallSeconds (events: number, netRate: number, turnover: number): number {
  return drainSeconds(events, netRate + turnover / (MEDIAN_PASSAGE_SECONDS * events))
}

/**
 * Returns the seconds until the queue is shorter by these events, while nothing of this priority or below it is
 * admitted. If it does not shrink at the present rates, the overload has to end first. Its duration is unknown, and it
 * is as likely as not to last for as long as it has lasted so far (Gott, 1993).
 */
export function secondsToFall (
  events: number, priority: number, { capacityPerSecond, drainRate, arrivalRateByPriority, refusedMs }: Signals
): number {
  const finished = capacityPerSecond ?? drainRate
  const arriving = sum(arrivalRateByPriority.slice(0, priority))
  const seconds = fallSeconds(events, finished - arriving, finished + arriving)
  if (finished > arriving || refusedMs === undefined) return seconds
  return Math.min(seconds, refusedMs[priorityClass(priority)] / 1_000)
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
