/*
 * Writes and reads the text that BullMQ stores as the data of a job, and the spool in a file:
 *
 *   {"events":[<event>,<event>,…],"receivedMs":[1782892800000,0,3]}
 *
 * An event that came alone in its text stands there as it was posted, to the letter: nothing is written a second time,
 * and nothing that can be derived takes room. Its id is its place, with a digest that `"secret":"…"` gives, unless it
 * has one, its priority is that of the batch, and when it came stands in `receivedMs`: the first number in milliseconds
 * of the epoch, the others in milliseconds after that. An event that says itself when it came is whole, as retries,
 * replayed dead letters and CloudEvents are: Spillway wrote its fields, and its payload stands among them in the text that
 * it was posted in. So the text of a payload is found in the text of the data, as that of the member `payload` of an
 * event, and is stored once.
 *
 * If an event that stands there as posted belongs to a trace, there is a second list beside it:
 *
 *   "traces":[{"traceparent":"00-…"},0,0,null,{"traceparent":"00-…","tracestate":"…"}]
 *
 * A number is the index of an event with the same context, since those of one request share it; null is for an event of no trace, and
 * for a whole one, which carries its own. Without a traced event there is no such list.
 */
import type { QueuedEvent } from '../event/event.ts'
import { eventJson, withoutPlainText, withPayloadText } from '../event/event-json.ts'
import { memberTextOfEach } from '../event/json-text.ts'
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

/** With what the data begins. */
const EVENTS = '{"events":'

/**
 * Fields of an event that are found again where only its text is stored: in the text, in what stands beside it, or
 * derived.
 */
type FoundAgain =
  'id' | 'type' | 'payload' | 'payloadText' | 'priority' | 'organizationId' | 'occurredAt' | 'receivedAt' | 'trace'

/** The data of the job of a batch, as JSON. */
export function encodeBatch ({ events, texts, secret }: Batch): string {
  if (texts === undefined) return `${EVENTS}[${events.map(eventJson).join(',')}]}`
  const asPosted = events.map((event, index) => isFoundAgain(event) ? texts[index] : undefined)
  const written = events.map((event, index) => asPosted[index] ?? eventJson(withPayloadText(event, texts[index])))
  const traces = events.some(({ trace }, index) => trace !== undefined && asPosted[index] !== undefined)
    ? `,"traces":${JSON.stringify(tracesOf(events, asPosted))}`
    : ''
  return `${EVENTS}[${written.join(',')}],"receivedMs":[${timesOf(events).join(',')}]${secret === undefined ? '' : `,"secret":"${secret}"`}${traces}}`
}

/**
 * The events of a batch, with all that its data leaves to be derived. Fills in the data that it is given.
 *
 * @param text what encodeBatch wrote, where payloads are to be passed on in the text that they were posted in
 */
export function decodeEvents (
  batchId: string,
  { events, receivedMs = [], secret, traces }: BatchData,
  text = ''
): QueuedEvent[] {
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
  if (text.startsWith(EVENTS)) {
    for (const [index, payloadText] of memberTextOfEach(text, EVENTS.length, 'payload').entries()) {
      const event = events[index]
      if (event !== undefined && payloadText !== undefined) event.payloadText = payloadText
    }
  }
  return events as QueuedEvent[]
}

/** The events of a batch out of what encodeBatch wrote. */
export function decodeBatch (batchId: string, text: string): QueuedEvent[] {
  return decodeEvents(batchId, JSON.parse(text) as BatchData, text).map(withoutPlainText)
}

/**
 * Tells an event of which its text loses nothing; any other is stored whole. A field that is new has to be given here
 * or named in FoundAgain, or the type check fails: nothing that the server knows of an event is lost silently.
 */
function isFoundAgain ({ attributes, attempt, deferrals, completedSteps, hops }: QueuedEvent): boolean {
  const others: Record<Exclude<keyof QueuedEvent, FoundAgain>, unknown> = {
    attributes, attempt, deferrals, completedSteps, hops
  }
  return (
    others.attributes === undefined &&
    others.attempt === undefined &&
    others.deferrals === undefined &&
    others.completedSteps === undefined &&
    others.hops === undefined
  )
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
