import type { Signals } from './signals.ts'

/**
 * Seconds until the queue is empty if all goes on as it does; null when it does not shrink or its depth is not known. What
 * has come lately of a priority that is refused now is not expected to come on: else a queue that sheds would not seem to drain.
 */
export function timeToDrainSeconds ({ isDepthKnown, depth, drainRate, arrivalRateByPriority }: Signals, isAdmitted: (priority: number) => boolean): number | null {
  if (!isDepthKnown) return null
  if (depth === 0) return 0
  const arrivalRate = arrivalRateByPriority.reduce((total, rate, priority) => rate > 0 && isAdmitted(priority) ? total + rate : total, 0)
  // To a tenth: rates that are as good as equal are no drain that takes days.
  const netRate = Math.round((drainRate - arrivalRate) * 10) / 10
  return netRate > 0 ? Math.ceil(depth / netRate) : null
}
