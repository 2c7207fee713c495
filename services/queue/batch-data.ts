/*
 * What BullMQ stores as the data of a job, and how its events are read again:
 *
 *   {"events":[<event>,<event>,…],"receivedMs":[1782892800000,0,3]}
 *
 * An event that came alone in its text stands there as it was posted, to the letter: nothing is written a second time, and
 * nothing that can be derived takes room. Its id is its place, with a digest that `"secret":"…"` gives, unless it has one, its priority is that of the batch, and when
 * it came stands in `receivedMs`: the first number in milliseconds of the epoch, the others in milliseconds after that. An
 * event that says itself when it came is whole, as retries, replayed letters and CloudEvents are.
 *
 * Where an event that stands there as posted belongs to a trace, there is a second list beside it:
 *
 *   "traces":[{"traceparent":"00-…"},0,0,null,{"traceparent":"00-…","tracestate":"…"}]
 *
 * A number is the index of an event with the same context, since those of one request share it; null is for an event of no trace, and
 * for a whole one, which carries its own. Without a traced event there is no such list.
 */
import type { QueuedEvent } from '../event/event.ts'
import { timestamp } from '../event/timestamp.ts'
import type { TraceContext } from '../event/trace-context.ts'
import { answeredId, parseBatchId, placeId, type Batch } from './batch.ts'
import { PlaceDigests } from './place-digest.ts'

/** An event as it is stored: whole, or as it was posted. */
export type StoredEvent = Partial<QueuedEvent> & Pick<QueuedEvent, 'type' | 'payload'>

/** The data of a job. */
export interface BatchData {
  readonly events: readonly StoredEvent[]
  /** Absent when all events are whole. */
  readonly receivedMs?: readonly number[]
  /** From which the ids of events as posted derive that have none; absent when there are none. */
  readonly secret?: string
  /** Contexts of traces, or indexes of events that have the same one; absent when no event as posted has any. */
  readonly traces?: readonly (TraceContext | number | null)[]
}

/** The data of the job of a batch, as JSON. */
export function encodeBatch ({ events, texts, secret }: Batch): string {
  if (texts === undefined) return JSON.stringify({ events })
  const written = events.map((event, index) => texts[index] ?? JSON.stringify(event))
  const traces = events.some(({ trace }, index) => trace !== undefined && texts[index] !== undefined) ? `,"traces":${JSON.stringify(tracesOf(events, texts))}` : ''
  return `{"events":[${written.join(',')}],"receivedMs":[${timesOf(events).join(',')}]${secret === undefined ? '' : `,"secret":"${secret}"`}${traces}}`
}

/** The events of a batch, with all that its data leaves to be derived. Fills in the data that it is given. */
export function decodeEvents (batchId: string, { events, receivedMs = [], secret, traces }: BatchData): QueuedEvent[] {
  const priority = parseBatchId(batchId)?.priority ?? 0
  const [firstMs = 0] = receivedMs
  const digests = secret === undefined ? undefined : new PlaceDigests(secret)
  for (const [index, event] of events.entries()) {
    if (event.receivedAt !== undefined) continue
    event.id ??= digests === undefined ? placeId(batchId, index) : answeredId(batchId, index, digests.at(index))
    event.priority = priority
    event.receivedAt = timestamp(index === 0 ? firstMs : firstMs + (receivedMs[index] ?? 0))
  }
  if (traces !== undefined) fillInTraces(events, traces)
  return events as QueuedEvent[]
}

function fillInTraces (events: readonly StoredEvent[], traces: NonNullable<BatchData['traces']>): void {
  for (const [index, entry] of traces.entries()) {
    const event = events[index]
    const trace = typeof entry === 'number' ? traces[entry] : entry
    if (event !== undefined && typeof trace === 'object' && trace !== null) event.trace = trace
  }
}

function tracesOf (events: readonly QueuedEvent[], texts: NonNullable<Batch['texts']>): NonNullable<BatchData['traces']> {
  const places = new Map<TraceContext, number>()
  return events.map(({ trace }, index) => {
    if (trace === undefined || texts[index] === undefined) return null
    const place = places.get(trace)
    if (place !== undefined) return place
    places.set(trace, index)
    return trace
  })
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
