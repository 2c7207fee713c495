/** The work to do, and the speed of one worker process. */
export interface Demand {
  /** Events per second that arrive for workers. */
  readonly arrivalRate: number
  /** Events that wait for a worker, without those in work. */
  readonly backlog: number
  /** Events per second of one worker process with enough to do; undefined while unknown. */
  readonly ratePerWorker: number | undefined
  readonly liveWorkers: number
  /** Milliseconds in which the backlog should be processed. */
  readonly drainTargetMs: number
}

/**
 * One worker is always needed: without one the queue is degraded, and the next event would wait for a process to start.
 */
const FEWEST = 1

/** Keeps the rounding of floating point from adding a worker to an integer quotient. */
const ROUNDING = 1e-9

/**
 * needed = ceil((arrivals + backlog / drain target) / rate of one worker), at least 1
 *
 * The flow balance of a queue: n workers remove n x rate events per second, arrivals add some, and the difference has
 * to empty the backlog within the target. Undefined, not 0, if it is unknown: an autoscaler then changes nothing.
 */
export function workersNeeded (
  { arrivalRate, backlog, ratePerWorker, liveWorkers, drainTargetMs }: Demand
): number | undefined {
  const required = arrivalRate + backlog / (drainTargetMs / 1000)
  if (required <= 0) return FEWEST
  // The sufficient number is unknown, but zero is too few.
  if (ratePerWorker === undefined || ratePerWorker <= 0) return liveWorkers === 0 ? FEWEST : undefined
  return Math.max(FEWEST, Math.ceil(required / ratePerWorker * (1 - ROUNDING)))
}
