import type { QueuedEvent } from './event.ts'
import { memberText, withMember } from './json-text.ts'

/** The payload of an event as JSON, in the text that it was posted in; undefined for an event without a payload. */
export function payloadTextOf ({
  payload, payloadText
}: Pick<QueuedEvent, 'payload' | 'payloadText'>): string | undefined {
  return payloadText ?? JSON.stringify(payload)
}

/** An event as JSON, whole: all its fields, and its payload in the text that it was posted in. */
export function eventJson (event: QueuedEvent): string {
  const fields = JSON.stringify({ ...event, payload: undefined, payloadText: undefined })
  return withMember(fields, 'payload', payloadTextOf(event))
}

/** Leaves out a text of the payload that says no more than its value. Changes the event. */
export function withoutPlainText<Event extends Pick<QueuedEvent, 'payload' | 'payloadText'>> (event: Event): Event {
  if (event.payloadText === JSON.stringify(event.payload)) delete event.payloadText
  return event
}

/**
 * The event with its payload in the text that it was posted in, so that it can leave the text of the whole event
 * behind.
 *
 * @param text of the whole event, where there is one
 */
export function withPayloadText (event: QueuedEvent, text: string | undefined): QueuedEvent {
  const payloadText = text === undefined || event.payloadText !== undefined ? undefined : memberText(text, 'payload')
  return payloadText === undefined ? event : { ...event, payloadText }
}

/**
 * Lets go of the value of a payload that travels in its text: until it is stored an event takes no more memory than
 * what was posted. Changes the event.
 *
 * @param text of the whole event, where there is one
 */
export function dropValue (event: QueuedEvent, text: string | undefined): void {
  if (text !== undefined || event.payloadText !== undefined) event.payload = undefined
}
