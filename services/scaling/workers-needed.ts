/**
 * One worker is always needed: without one the queue is degraded, and the next event would wait for a process to start.
 */
const FEWEST = 1

/** Keeps the rounding of floating point from adding a worker to an integer quotient. */
const ROUNDING = 1e-9

/**
 * Returns the fewest whole workers that do so much work, at least 1.
 *
 * @param workers their number as a quotient of rates
 */
export function wholeWorkers (workers: number): number {
  return Math.max(FEWEST, Math.ceil(workers * (1 - ROUNDING)))
}

/** The work to do, and the speed of one worker process. */
export interface Demand {
  /** Events per second that have to be done. */
  readonly perSecond: number
  /** Events per second of one worker process with enough to do; undefined while unknown. */
  readonly ratePerWorker: number | undefined
  readonly liveWorkers: number
}

/**
 * Returns the workers for a rate of work, as a quotient and not rounded. Undefined, not 0, if it is unknown: an
 * autoscaler then changes nothing.
 */
export function workersFor ({ perSecond, ratePerWorker, liveWorkers }: Demand): number | undefined {
  if (perSecond <= 0) return 0
  // The sufficient number is unknown, but zero is too few.
  if (ratePerWorker === undefined || ratePerWorker <= 0) return liveWorkers === 0 ? FEWEST : undefined
  return perSecond / ratePerWorker
}
