/*
 * Writes and reads the text that BullMQ stores as the data of a job, and the spool in a file:
 *
 *   {"events":[<event>,<event>,…],"receivedMs":[1782892800000,0,3]}
 *
 * An event that came in its text stands there as it was posted, to the letter: nothing is written a second time, and
 * nothing that can be derived takes room. Its id is its place, with a digest that `"secret":"…"` gives, unless it has
 * one, its priority is that of the batch, and when it came stands in `receivedMs`: the first number in milliseconds of
 * the epoch, the others in milliseconds after that. All else that Spillway assigned to it is its envelope, in a list
 * beside the events that is there if one of them has any:
 *
 *   "envelopes":[{"trace":{"traceparent":"00-…"}},0,0,null,{"trace":{"traceparent":"00-…","tracestate":"…"}}]
 *
 * A number is the index of an event with an equal envelope, since the events of one request share their trace; null is
 * for an event without one. The fields of an envelope are those of its schema in event.ts, whatever they are.
 *
 * An event that says itself when it came is whole, as retries, replayed dead letters and CloudEvents are: Spillway
 * wrote all its fields, and its payload stands among them in the text that it was posted in. So the text of a payload
 * is found in the text of the data, as that of the member `payload` of an event, and is stored once.
 */
import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import type { Envelope, QueuedEvent } from '../event/event.ts'
import { eventJson, withoutPlainText } from '../event/event-json.ts'
import { copyFields, ENVELOPE_FIELDS } from '../event/fields.ts'
import { memberTextOfEach } from '../event/json-text.ts'
import { timestamp } from '../event/timestamp.ts'
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
  /** Envelopes, or indexes of events that have an equal one; absent when no event as posted has any. */
  readonly envelopes?: readonly (Partial<Envelope> | number | null)[]
}

/** With what the data begins. */
const EVENTS = '{"events":'

/** Fields that are derived for an event as posted. */
const DERIVED: ReadonlySet<keyof Envelope> = new Set(['id', 'priority', 'receivedAt'])

/** Fields that are stored beside an event as posted. */
const BESIDE = ENVELOPE_FIELDS.filter((name) => !DERIVED.has(name))

/** Tells an event that has none of these. It is compiled: to look them up one by one takes a fifth of an encoding. */
const HAS_NONE = TypeCompiler.Compile(
  Type.Object(Object.fromEntries(BESIDE.map((name) => [name, Type.Optional(Type.Undefined())])))
)

/** The data of the job of a batch, as JSON. */
export function encodeBatch ({ events, texts, secret }: Batch): string {
  if (texts === undefined) return `${EVENTS}[${events.map(eventJson).join(',')}]}`
  const written = events.map((event, index) => texts[index] ?? eventJson(event))
  const secretMember = secret === undefined ? '' : `,"secret":"${secret}"`
  return `${EVENTS}[${written.join(',')}],"receivedMs":[${timesOf(events)}]${secretMember}${envelopesOf(events, texts)}}`
}

/**
 * The events of a batch, with all that its data leaves to be derived. Fills in the data that it is given.
 *
 * @param text what encodeBatch wrote, where payloads are to be passed on in the text that they were posted in
 */
export function decodeEvents (
  batchId: string,
  { events, receivedMs = [], secret, envelopes }: BatchData,
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
  if (envelopes !== undefined) fillIn(events, envelopes)
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

function fillIn (events: readonly StoredEvent[], envelopes: NonNullable<BatchData['envelopes']>): void {
  for (const [index, entry] of envelopes.entries()) {
    const event = events[index]
    const envelope = typeof entry === 'number' ? envelopes[entry] : entry
    if (event !== undefined && typeof envelope === 'object') Object.assign(event, envelope)
  }
}

/** The member with the envelopes of events as posted; empty if there are none. */
function envelopesOf (events: readonly QueuedEvent[], texts: NonNullable<Batch['texts']>): string {
  const hasNone = (event: QueuedEvent, index: number) => texts[index] === undefined || HAS_NONE.Check(event)
  if (events.every(hasNone)) return ''
  const places = new Map<string, number>()
  let last: { readonly values: readonly unknown[], readonly place: number } | undefined
  const entries = events.map((event, index) => {
    if (hasNone(event, index)) return 'null'
    // Most have the very values of the event before: to write them again costs several times as much.
    if (last?.values.every((value, at) => event[BESIDE[at] as keyof Envelope] === value)) return last.place
    const envelope = JSON.stringify(copyFields(event, BESIDE))
    const place = places.get(envelope)
    places.set(envelope, place ?? index)
    last = { values: BESIDE.map((name) => event[name]), place: place ?? index }
    return place ?? envelope
  })
  return `,"envelopes":[${entries.join(',')}]`
}

/** When the events came, as the text of `receivedMs` between its brackets. */
function timesOf (events: readonly QueuedEvent[]): string {
  let times = ''
  let firstMs = 0
  let lastText = ''
  let lastMs = 0
  for (const { receivedAt } of events) {
    // Most events of a batch came in the same few milliseconds and share the text.
    if (receivedAt !== lastText) {
      lastText = receivedAt
      lastMs = Date.parse(receivedAt)
    }
    if (times === '') {
      firstMs = lastMs
      times = String(firstMs)
    } else {
      times += `,${lastMs - firstMs}`
    }
  }
  return times
}
