import type { QueuedEvent } from '../services/event/event.ts'
import type { Outcome } from '../services/event/outcome.ts'
import { EventSlot, type EventSlotOptions } from './event-slot.ts'

/** An event that a stopping worker did not begin: it goes back to the queue as it was. */
export const UNTOUCHED: Outcome = Object.freeze({ status: 'retry', reason: 'the worker is stopping', delayMs: 0, countsAsAttempt: false })

export interface EventsRun extends EventSlotOptions {
  /** Events in work at once. */
  concurrency: number
  /** Aborted when all of it has to end now. */
  signal: AbortSignal
  /** Asked before each event; once true, none is begun any more. */
  isDraining: () => boolean
}

/** Runs a handler that takes one event at a time on events of a batch, and answers their outcomes in the same order. */
export async function runEvents (events: readonly QueuedEvent[], { concurrency, signal, isDraining, ...options }: EventsRun): Promise<Outcome[]> {
  const outcomes: Outcome[] = events.map(() => UNTOUCHED)
  const slots = Array.from({ length: Math.min(concurrency, events.length) }, () => new EventSlot(options))
  const stop = () => { for (const slot of slots) slot.cut(signal.reason) }
  signal.addEventListener('abort', stop, { once: true })
  let next = 0
  const runSlot = async (slot: EventSlot) => {
    while (next < events.length && !isDraining() && !signal.aborted) {
      const index = next++
      outcomes[index] = await slot.run(events[index] as QueuedEvent)
    }
    slot.close()
  }
  await Promise.all(slots.map(runSlot))
  signal.removeEventListener('abort', stop)
  return outcomes
}
