import type { QueuedEvent } from '../services/event/event.ts'
import { hasExpired } from '../services/event/expiry.ts'
import { EXPIRED, type Outcome } from '../services/event/outcome.ts'
import { EventSlot, type EventSlotOptions } from './event-slot.ts'

/** The outcome of an event that a stopping worker did not begin: the event goes back to the queue unchanged. */
export const UNTOUCHED: Outcome = Object.freeze({
  status: 'retry',
  reason: 'the worker is stopping',
  delayMs: 0,
  countsAsAttempt: false
})

export interface EventsRun extends EventSlotOptions {
  /** Events that run at once. */
  concurrency: number
  /** The clock that decides deadlines, in milliseconds since 1970. */
  now: () => number
  /** Aborted when everything has to end now. */
  signal: AbortSignal
  /** Called before each event; once true, no further event begins. */
  isDraining: () => boolean
}

/** Runs a handler for single events on the events of a batch, and returns their outcomes in the same order. */
export async function runEvents (
  events: readonly QueuedEvent[],
  { concurrency, now, signal, isDraining, ...options }: EventsRun
): Promise<Outcome[]> {
  const outcomes: Outcome[] = events.map(() => UNTOUCHED)
  const slots = Array.from({ length: Math.min(concurrency, events.length) }, () => new EventSlot(options))
  const stop = () => { for (const slot of slots) slot.cut(signal.reason) }
  signal.addEventListener('abort', stop, { once: true })
  let next = 0
  const runSlot = async (slot: EventSlot) => {
    while (next < events.length && !isDraining() && !signal.aborted) {
      const index = next++
      const event = events[index] as QueuedEvent
      outcomes[index] = hasExpired(event, now) ? EXPIRED : await slot.run(event)
    }
    slot.close()
  }
  await Promise.all(slots.map(runSlot))
  signal.removeEventListener('abort', stop)
  return outcomes
}
