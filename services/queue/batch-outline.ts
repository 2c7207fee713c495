/*
 * The facts of each event of a large batch that receipts tell, in a field of its job beside the data: whoever asks for
 * one event of such a batch does not have to read megabytes of payloads. A small batch is read faster than a second
 * text is written with each.
 */
import type { QueuedEvent } from '../event/event.ts'

/** Characters of data from which a batch has an outline. */
export const LARGE_BATCH = 65_536

/** The facts that a receipt tells of an event in the queue. */
export type EventOutline = Pick<QueuedEvent, 'type' | 'receivedAt'> & { readonly attempt?: number | undefined }

/** The outline of a batch as JSON, type and time of each event, and its attempt unless it is the first. */
export function encodeOutline (events: readonly QueuedEvent[]): string {
  return JSON.stringify(events.map(({ type, receivedAt, attempt }) =>
    attempt === undefined ? [type, receivedAt] : [type, receivedAt, attempt]))
}

/** Reads what encodeOutline wrote; undefined for a text that it did not. */
export function decodeOutline (text: string | null | undefined): EventOutline[] | undefined {
  try {
    const entries: unknown = JSON.parse(text ?? '')
    return Array.isArray(entries) && entries.every(isEntry)
      ? entries.map(([type, receivedAt, attempt]) => ({ type, receivedAt, attempt }))
      : undefined
  } catch {
    return undefined
  }
}

function isEntry (entry: unknown): entry is [type: string, receivedAt: string, attempt?: number] {
  return Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'string'
}
