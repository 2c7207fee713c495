import { interrupted, type Outcome } from '../services/event/outcome.ts'

/** The outcome of an event whose handler an aborted signal cut short. */
export function cutShort (handlerName: string, signal: AbortSignal): Outcome {
  const outcome = interrupted(signal)
  return { ...outcome, reason: `${handlerName} ${outcome.reason}` }
}

/** The outcome of an event whose handler threw. */
export function failure (handlerName: string, error: unknown): Outcome {
  return { status: 'retry', reason: `${handlerName} failed: ${error instanceof Error ? error.message : String(error)}` }
}
