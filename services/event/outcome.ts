/** The outcome of one event in one handler, or in one step of it. */
export type Outcome =
  | { status: 'done' }
  | {
      status: 'retry'
      /** For logs and, at the last attempt, for the dead letter: no word of a payload or of what anybody answered. */
      reason: string
      /** The reason with what an error or the other side said, for the dead letter alone: it may quote the payload. */
      detail?: string
      /** Milliseconds until the next run; exponential backoff when absent. */
      delayMs?: number
      /** False when the other side asked for patience (429, 503) or the process shuts down: no attempt is used up. */
      countsAsAttempt?: boolean
      /**
       * The other side put off this very event, without an attempt: that is noted in it and has a bound, after which it
       * uses up attempts. An event that only asks whether a consumer that refuses everything is back is bound by the
       * number alone.
       */
      deferral?: 'own' | 'asking'
      /** Steps that succeeded and must not be run again with this event. */
      completedSteps?: string[]
    }
  | { status: 'dead', reason: string, detail?: string }

/** Outcomes of a batch in the order of its events. */
export interface BatchResult {
  outcomes: Outcome[]
  /**
   * Ask all workers to take no further batch for this long: the other side has said to several batches that it cannot
   * take them.
   */
  pauseMs?: number
  /** The other side takes nothing, and it was this batch that was refused or not answered, not another one. */
  wasRefused?: boolean
  /** The other side takes events again: the pause of all workers is over. */
  endsPause?: boolean
}

export const DONE: Outcome = Object.freeze({ status: 'done' })

/**
 * The outcome of work that an aborted signal cut short. A time-out is the fault of the work and uses up an attempt; anything
 * else that aborts is this process shutting down, which is not.
 */
export function interrupted (signal: AbortSignal): Exclude<Outcome, { status: 'done' }> {
  const isTimeout = (signal.reason as Error | undefined)?.name === 'TimeoutError'
  return isTimeout
    ? { status: 'retry', reason: 'timed out' }
    : { status: 'retry', reason: 'interrupted by shutdown', countsAsAttempt: false }
}

