/*
 * Decides the fate of events in refused calls. Pure. An event becomes a dead letter, or uses up an attempt, only if it
 * was refused alone and the fault is likely its own and not the consumer's.
 */
import type { QueuedEvent } from '../event/event.ts'
import type { Outcome } from '../event/outcome.ts'
import type { CallRefusal } from './answer.ts'
import type { Health } from './consumer-health.ts'

/** The delay of events that are put back unsent or undecided, unless there is a pause. */
export const SOON_MS = 250

/**
 * Without a proof the event is sent once more after this time: by then other events have shown whether the consumer
 * accepts any.
 */
const SECOND_OPINION_MS = 1_000

const FIRST_PUT_OFF_MS = 250
const LONGEST_PUT_OFF_MS = 60_000

/**
 * Returns the outcome of an event that was refused alone; the refusal is proven if the consumer accepted another event
 * meanwhile.
 */
export function judge (event: QueuedEvent, refusal: CallRefusal, isProven: boolean, state: Health['state']): Outcome {
  const { fate, reason, detail, waitMs = 0 } = refusal
  const words = { reason, ...(detail !== undefined && { detail }) }
  const count = event.deferrals?.count ?? 0
  if (!isProven && state !== 'taking') {
    return { status: 'retry', ...words, delayMs: 0, countsAsAttempt: false, deferral: 'asking' }
  }
  if (fate === 'put-off') {
    const delayMs = Math.max(waitMs, Math.min(LONGEST_PUT_OFF_MS, FIRST_PUT_OFF_MS * 2 ** count))
    return { status: 'retry', ...words, delayMs, countsAsAttempt: false, deferral: 'own' }
  }
  if (!isProven && count === 0) {
    return { status: 'retry', ...words, delayMs: SECOND_OPINION_MS, countsAsAttempt: false, deferral: 'own' }
  }
  return { status: fate, ...words }
}

/**
 * Puts a group back without an attempt. `place` gives each group of a batch a delay of its own, so each becomes a batch
 * of its own.
 */
export function putBack (reason: string, delayMs: number, place: number): Outcome {
  return { status: 'retry', reason, delayMs: delayMs + place, countsAsAttempt: false }
}
