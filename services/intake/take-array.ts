import { isUtf8 } from 'node:buffer'
import type { TurnShare } from '../clock/turn-share.ts'
import { dropValue } from '../event/event-json.ts'
import type { Intake } from './event-intake.ts'
import { parseJson } from './parse-json.ts'
import { ArraySplitter } from './array-splitter.ts'

/** Turns an element of an array, or a line of a stream, into an event; `index` is its place and `text` its JSON. */
export type TakeIn = (input: unknown, index: number, text: string) => Intake

/** An element of an array: its event or its errors. */
export interface TakenElement {
  readonly intake: Intake
  /** Size of the element as JSON. */
  readonly bytes: number
  /** The reason for refusing it unread. */
  readonly reason?: 'event-too-large'
}

export type TakenArray =
  | { ok: true, elements: readonly TakenElement[] }
  /** The body as a whole is invalid: none of its events is offered. */
  | { ok: false, cause: 'no-array' | 'invalid-json' | 'too-many-events', message: string }
  | { ok: false, cause: 'no-room' }

export interface ArrayLimits {
  readonly mostEvents: number
  readonly mostEventBytes: number
  /** Takes room for this many more events; false if there is none. */
  readonly room: { take: (events: number) => boolean }
}

/** An element of this size gets a turn of its own, which its parsing may fill. */
const LARGE_BYTES = 65_536

/** Takes room for this many events at a time; short arrays need none. */
const EVENTS_AT_ONCE = 256

const NO_ARRAY: TakenArray = {
  ok: false, cause: 'no-array', message: 'Expected an array of events; post a single event to /api/v1/events'
}

/**
 * Parses and checks an array event by event, in slices, so other requests get turns in between. An array that is not
 * JSON is refused as a whole, before any event of it is offered.
 */
export async function takeArray (
  body: Buffer, { mostEvents, mostEventBytes, room }: ArrayLimits, takeIn: TakeIn, share: TurnShare
): Promise<TakenArray> {
  if (!isUtf8(body)) return invalid('not UTF-8')
  const json = body.toString()
  const isAscii = json.length === body.length
  const splitter = new ArraySplitter(json)
  if (!splitter.isArray) return noArray(json)
  const elements: TakenElement[] = []
  for (;;) {
    const step = splitter.step()
    if (step === 'unfinished') {
      await share.next()
      continue
    }
    if (step === 'end') return { ok: true, elements }
    if (step === 'malformed') return invalid(`Unexpected text or end after element ${elements.length - 1}`)
    if (elements.length === mostEvents) return tooMany(mostEvents)
    if (elements.length % EVENTS_AT_ONCE === EVENTS_AT_ONCE - 1 && !room.take(EVENTS_AT_ONCE))
      return { ok: false, cause: 'no-room' }
    const text = splitter.element
    if (share.isSpentAfter(text.length)) await share.next()
    const bytes = isAscii ? text.length : Buffer.byteLength(text)
    if (bytes > mostEventBytes) {
      const message = `Larger than ${mostEventBytes} bytes, which is the limit for one event`
      elements.push({ intake: { ok: false, errors: [{ field: '', message }] }, bytes, reason: 'event-too-large' })
      continue
    }
    if (bytes > LARGE_BYTES) await share.next()
    const parsed = parseJson(text)
    if (parsed.ok && parsed.text === text) {
      const intake = takeIn(parsed.value, elements.length, text)
      if (intake.ok) dropValue(intake.event, intake.text)
      elements.push({ intake, bytes })
    } else if (!parsed.ok && parsed.isLimit) {
      elements.push({ intake: { ok: false, errors: [{ field: '', message: parsed.message }] }, bytes })
    } else {
      // A byte-order mark may precede a body, but not an element.
      return invalid(`${parsed.ok ? 'Unexpected byte-order mark' : parsed.message}, in element ${elements.length}`)
    }
  }
}

/**
 * Returns the answer to a body that is not an array. A short one is parsed to report a syntax error, since it may have
 * a typo.
 */
function noArray (json: string): TakenArray {
  const parsed = json.length > 0 && json.length <= LARGE_BYTES ? parseJson(json) : undefined
  return parsed === undefined || parsed.ok || parsed.isLimit ? NO_ARRAY : invalid(parsed.message)
}

function invalid (message: string): TakenArray {
  return { ok: false, cause: 'invalid-json', message: `The body is not valid JSON: ${message}` }
}

function tooMany (mostEvents: number): TakenArray {
  return {
    ok: false,
    cause: 'too-many-events',
    message: `More than ${mostEvents} events in one array: post the rest in another request, or post a stream of NDJSON`
  }
}
