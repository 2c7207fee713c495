/*
 * Writes and reads the text that BullMQ stores as the data of a job, and the spool in a file:
 *
 *   {"events":[<event>,<event>,…],"receivedMs":[1782892800000,0,3],"crc32":"9a3f00c1"}
 *
 * An event with its posted text is stored byte for byte: it is not serialized again, and values that can be derived
 * take no space. Unless it has an id, its id is its place with a digest, which derives from `"secret":"…"`. Its
 * priority is that of the batch. Its time is in `receivedMs`: the first number in milliseconds of the epoch, the others
 * in milliseconds after the first. Its other assigned fields are its envelope, in a list beside the events, which
 * exists if any event has an envelope:
 *
 *   "envelopes":[{"trace":{"traceparent":"00-…"}},0,0,null,{"trace":{"traceparent":"00-…","tracestate":"…"}}]
 *
 * A number is the index of an event with an equal envelope, since the events of one request share their trace; null
 * stands for an event without one. The fields of an envelope follow its schema in event.ts.
 *
 * An event with its own `receivedAt` is whole, such as a retry, a replayed dead letter or a CloudEvent: Spillway wrote
 * all its fields, with the posted text of the payload. So the text of a payload is always the member `payload` of an
 * event in the data, and is stored once.
 *
 * The checksum covers the text before it and the id of the batch, see checksum.ts.
 */
import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import type { Envelope, QueuedEvent } from '../event/event.ts'
import { eventJson, withoutPlainText } from '../event/event-json.ts'
import { copyFields, ENVELOPE_FIELDS } from '../event/fields.ts'
import { memberTextOfEach } from '../event/json-text.ts'
import { timestamp } from '../event/timestamp.ts'
import { answeredId, parseBatchId, placeId, type Batch } from './batch.ts'
import { sealed } from './checksum.ts'
import { PlaceDigests } from './place-digest.ts'

/** An event as stored: whole, or as posted. */
export type StoredEvent = Partial<QueuedEvent> & Pick<QueuedEvent, 'type' | 'payload'>

/** The data of a job. */
export interface BatchData {
  readonly events: readonly StoredEvent[]
  /** Absent if all events are whole. */
  readonly receivedMs?: readonly number[]
  /** The source of derived ids of events as posted; absent if no event needs one. */
  readonly secret?: string
  /** Envelopes, or indexes of events with an equal one; absent if no event as posted has one. */
  readonly envelopes?: readonly (Partial<Envelope> | number | null)[]
}

/** The beginning of the data. */
const EVENTS = '{"events":'

/** Fields that are derived for an event as posted, or stand in its text; see producer/stamp.ts. */
const DERIVED: ReadonlySet<keyof Envelope> = new Set(['id', 'priority', 'receivedAt', 'ceiling'])

/** Fields that are stored beside an event as posted. */
const BESIDE = ENVELOPE_FIELDS.filter((name) => !DERIVED.has(name))

/** Recognizes an event with none of these fields. Compiled: single lookups take a fifth of the time of an encoding. */
const HAS_NONE = TypeCompiler.Compile(
  Type.Object(Object.fromEntries(BESIDE.map((name) => [name, Type.Optional(Type.Undefined())])))
)

/** Returns the data of the job of a batch as JSON, with its checksum. */
export function encodeBatch (batch: Batch): string {
  return sealed(batch.id, textOf(batch))
}

function textOf ({ events, texts, secret }: Batch): string {
  if (texts === undefined) return `${EVENTS}[${events.map(eventJson).join(',')}]}`
  const written = events.map((event, index) => texts[index] ?? eventJson(event))
  const secretMember = secret === undefined ? '' : `,"secret":"${secret}"`
  return `${EVENTS}[${written.join(',')}],"receivedMs":[${timesOf(events)}]${secretMember}${
    envelopesOf(events, texts)
  }}`
}

/**
 * Returns the events of a batch with all derived fields. Changes the given data.
 *
 * @param text the output of encodeBatch, if payloads are passed on in their posted text
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

/** Returns the events of a batch from the output of encodeBatch. */
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

/** Returns the member with the envelopes of events as posted; empty if there are none. */
function envelopesOf (events: readonly QueuedEvent[], texts: NonNullable<Batch['texts']>): string {
  const hasNone = (event: QueuedEvent, index: number) => texts[index] === undefined || HAS_NONE.Check(event)
  if (events.every(hasNone)) return ''
  const places = new Map<string, number>()
  let last: { readonly values: readonly unknown[], readonly place: number } | undefined
  const entries = events.map((event, index) => {
    if (hasNone(event, index)) return 'null'
    // Most events share the values of the previous one: serializing them again costs several times as much.
    if (last?.values.every((value, at) => event[BESIDE[at] as keyof Envelope] === value)) return last.place
    const envelope = JSON.stringify(copyFields(event, BESIDE))
    const place = places.get(envelope)
    places.set(envelope, place ?? index)
    last = { values: BESIDE.map((name) => event[name]), place: place ?? index }
    return place ?? envelope
  })
  return `,"envelopes":[${entries.join(',')}]`
}

/** Returns the times of the events, as the text of `receivedMs` between its brackets. */
function timesOf (events: readonly QueuedEvent[]): string {
  let times = ''
  let firstMs = 0
  let lastText = ''
  let lastMs = 0
  for (const { receivedAt } of events) {
    // Most events of a batch arrived in the same few milliseconds and share the text.
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
