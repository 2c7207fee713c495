/** What became of an event, or of one step of it; the shape that workers expect of a handler. */
export type Outcome =
  | { status: 'done' }
  | { status: 'retry', reason: string, delayMs?: number, countsAsAttempt?: boolean, completedSteps?: string[] }
  | { status: 'dead', reason: string }

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

/** Outcomes in the order of the events, and how long the workers should take no further batch. */
export interface DeliveryResult {
  outcomes: Outcome[]
  pauseMs?: number
}
