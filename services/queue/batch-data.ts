/*
 * What BullMQ stores as the data of a job, and how its events are read again:
 *
 *   {"events":[<event>,<event>,…],"receivedMs":[1782892800000,0,3]}
 *
 * An event that came alone in its text stands there as it was posted, to the letter: nothing is written a second time, and
 * nothing that can be derived takes room. Its id is its place unless it has one, its priority is that of the batch, and when
 * it came stands in `receivedMs`: the first number in milliseconds of the epoch, the others in milliseconds after that. An
 * event that says itself when it came is whole, as retries, replayed letters and CloudEvents are.
 */
import type { QueuedEvent } from '../event/event.ts'
import { timestamp } from '../event/timestamp.ts'
import { parseBatchId, placeId, type Batch } from './batch.ts'

/** An event as it is stored: whole, or as it was posted. */
export type StoredEvent = Partial<QueuedEvent> & Pick<QueuedEvent, 'type' | 'payload'>

/** The data of a job. */
export interface BatchData {
  readonly events: readonly StoredEvent[]
  /** Absent when all events are whole. */
  readonly receivedMs?: readonly number[]
}

/** The data of the job of a batch, as JSON. */
export function encodeBatch ({ events, texts }: Batch): string {
  if (texts === undefined) return JSON.stringify({ events })
  const written = events.map((event, index) => texts[index] ?? JSON.stringify(event))
  return `{"events":[${written.join(',')}],"receivedMs":[${timesOf(events).join(',')}]}`
}

/** The events of a batch, with all that its data leaves to be derived. Fills in the data that it is given. */
export function decodeEvents (batchId: string, { events, receivedMs = [] }: BatchData): QueuedEvent[] {
  const priority = parseBatchId(batchId)?.priority ?? 0
  const [firstMs = 0] = receivedMs
  for (const [index, event] of events.entries()) {
    if (event.receivedAt !== undefined) continue
    event.id ??= placeId(batchId, index)
    event.priority = priority
    event.receivedAt = timestamp(index === 0 ? firstMs : firstMs + (receivedMs[index] ?? 0))
  }
  return events as QueuedEvent[]
}

function timesOf (events: readonly QueuedEvent[]): number[] {
  let lastText = ''
  let lastMs = 0
  // Most events of a batch came in the same few milliseconds and share the text.
  const times = events.map(({ receivedAt }) => {
    if (receivedAt !== lastText) {
      lastText = receivedAt
      lastMs = Date.parse(receivedAt)
    }
    return lastMs
  })
  const firstMs = times[0] as number
  return times.map((ms, index) => index === 0 ? ms : ms - firstMs)
}
