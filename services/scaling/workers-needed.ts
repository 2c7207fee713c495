/** The work to do, and the speed of one worker process. */
export interface Demand {
  /** Events per second that come to be worked on. */
  readonly arrivalRate: number
  /** Events that wait for a worker. Those in work are being done already. */
  readonly backlog: number
  /** Events per second of one worker process that has enough to do; undefined while nothing is known of it. */
  readonly ratePerWorker: number | undefined
  readonly liveWorkers: number
  /** Milliseconds in which the backlog should be processed. */
  readonly drainTargetMs: number
}

/** A queue without a worker is degraded, and its first event would wait for a process to start: one is always needed. */
const FEWEST = 1

/** Keeps a quotient that is whole but for the rounding of floating point from asking for one worker more. */
const ROUNDING = 1e-9

/**
 * needed = ceil((arrivals + backlog / drain target) / rate of one worker), at least 1
 *
 * The flow balance of a queue: n workers take n x rate events per second out, arrivals put some in, and the rest has to
 * empty the backlog within the target. Undefined, not 0, if it cannot be told: an autoscaler then leaves things as they
 * are.
 */
export function workersNeeded ({ arrivalRate, backlog, ratePerWorker, liveWorkers, drainTargetMs }: Demand): number | undefined {
  const required = arrivalRate + backlog / (drainTargetMs / 1000)
  if (required <= 0) return FEWEST
  // How many are enough is not known, but none is too few.
  if (ratePerWorker === undefined || ratePerWorker <= 0) return liveWorkers === 0 ? FEWEST : undefined
  return Math.max(FEWEST, Math.ceil(required / ratePerWorker * (1 - ROUNDING)))
}
