/*
 * Decides the fate of events whose call was refused. Pure. The rule behind it: an event becomes a dead letter, or uses
 * up an attempt, only when it was refused alone and there is reason to believe that it is the event and not the
 * consumer.
 */
import type { QueuedEvent } from '../event/event.ts'
import type { Outcome } from '../event/outcome.ts'
import type { CallRefusal } from './answer.ts'
import type { Health } from './consumer-health.ts'

/** Events that are put back unsent or undecided come again this soon, while nothing pauses. */
export const SOON_MS = 250

/** Without a proof the consumer is asked once more after this: by then other events have shown whether it takes any. */
const SECOND_OPINION_MS = 1_000

const FIRST_PUT_OFF_MS = 250
const LONGEST_PUT_OFF_MS = 60_000

/** The outcome of an event that was refused alone; proven if the consumer accepted another one meanwhile. */
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

/** Puts a group back without an attempt; `place` gives each group of a batch a delay, and so a batch, of its own. */
export function putBack (reason: string, delayMs: number, place: number): Outcome {
  return { status: 'retry', reason, delayMs: delayMs + place, countsAsAttempt: false }
}
