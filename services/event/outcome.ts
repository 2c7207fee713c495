/** The outcome of one event in one handler, or in one step of it. */
export type Outcome =
  | { status: 'done' }
  | {
      status: 'retry'
      /** For logs and, after the last attempt, for the dead letter: quotes neither payloads nor answers. */
      reason: string
      /** The reason with the text of an error or answer, only for the dead letter: it may quote the payload. */
      detail?: string
      /** Milliseconds until the next run; exponential backoff by default. */
      delayMs?: number
      /** False if the consumer asked to wait (429, 503) or the process shuts down: no attempt is used up. */
      countsAsAttempt?: boolean
      /**
       * The consumer deferred this event without an attempt. The event records that; beyond a bound each deferral uses
       * up an attempt. For an event that only probes a failing consumer, only the number of deferrals is bounded.
       */
      deferral?: 'own' | 'asking'
      /** Steps that succeeded and must not run again for this event. */
      completedSteps?: string[]
    }
  | { status: 'dead', reason: string, detail?: string }
  /** Its deadline has passed; nothing keeps it. */
  | { status: 'expired', reason: string }

/** Outcomes of a batch in the order of its events. */
export interface BatchResult {
  outcomes: Outcome[]
  /** Asks all workers to take no further batch for this long, since the consumer cannot accept several batches. */
  pauseMs?: number
  /** The consumer accepts nothing, and this batch itself was refused or not answered. */
  wasRefused?: boolean
  /** The consumer accepts events again: the pause of all workers ends. */
  endsPause?: boolean
}

/** The outcome of an event that comes after its deadline. */
export const EXPIRED: Outcome = Object.freeze({ status: 'expired', reason: 'its deadline has passed' })

export const DONE: Outcome = Object.freeze({ status: 'done' })

/**
 * Returns the outcome of work that an aborted signal ended. A time-out is the fault of the work and uses up an attempt;
 * any other abort is the shutdown of this process and does not.
 */
export function interrupted (signal: AbortSignal): Extract<Outcome, { status: 'retry' }> {
  const isTimeout = (signal.reason as Error | undefined)?.name === 'TimeoutError'
  return isTimeout
    ? { status: 'retry', reason: 'timed out' }
    : { status: 'retry', reason: 'interrupted by shutdown', countsAsAttempt: false }
}

