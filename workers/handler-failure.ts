import { interrupted, type Outcome } from '../services/event/outcome.ts'

/** Returns the outcome of an event whose handler was aborted. */
export function cutShort (handlerName: string, signal: AbortSignal): Outcome {
  const outcome = interrupted(signal)
  return { ...outcome, reason: `${handlerName} ${outcome.reason}` }
}

/** Returns the outcome of an event whose handler threw. */
export function failure (handlerName: string, error: unknown): Outcome {
  const reason = `${handlerName} failed`
  return { status: 'retry', reason, detail: `${reason}: ${error instanceof Error ? error.message : String(error)}` }
}
