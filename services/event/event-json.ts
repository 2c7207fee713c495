import type { QueuedEvent } from './event.ts'
import { memberText, withMember } from './json-text.ts'

/** Returns the payload of an event as the posted JSON text; undefined for an event without a payload. */
export function payloadTextOf ({
  payload, payloadText
}: Pick<QueuedEvent, 'payload' | 'payloadText'>): string | undefined {
  return payloadText ?? JSON.stringify(payload)
}

/** Returns the whole event as JSON: all its fields, and its payload in the posted text. */
export function eventJson (event: QueuedEvent): string {
  const fields = JSON.stringify({ ...event, payload: undefined, payloadText: undefined })
  return withMember(fields, 'payload', payloadTextOf(event))
}

/** Removes the text of the payload if JSON.stringify yields the same from its value. Changes the event. */
export function withoutPlainText<Event extends Pick<QueuedEvent, 'payload' | 'payloadText'>> (event: Event): Event {
  if (event.payloadText === JSON.stringify(event.payload)) delete event.payloadText
  return event
}

/**
 * Returns the event with the posted text of its payload, so it no longer needs the text of the whole event.
 *
 * @param text of the whole event, where there is one
 */
export function withPayloadText (event: QueuedEvent, text: string | undefined): QueuedEvent {
  const payloadText = text === undefined || event.payloadText !== undefined ? undefined : memberText(text, 'payload')
  return payloadText === undefined ? event : { ...event, payloadText }
}

/**
 * Drops the value of a payload that has its text: until it is stored, an event takes no more memory than its posted
 * text. Changes the event.
 *
 * @param text of the whole event, where there is one
 */
export function dropValue (event: QueuedEvent, text: string | undefined): void {
  if (text !== undefined || event.payloadText !== undefined) event.payload = undefined
}
