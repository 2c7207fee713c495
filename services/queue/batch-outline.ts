/*
 * The facts of each event of a large batch for receipts, in a field of its job beside the data: a request for one event
 * does not have to read megabytes of payloads. For small batches, reading the data is cheaper than writing an outline
 * with each.
 */
import type { QueuedEvent } from '../event/event.ts'

/** A batch with at least this many characters of data has an outline. */
export const LARGE_BATCH = 65_536

/** The facts about an event in the queue that its receipt contains. */
export type EventOutline = Pick<QueuedEvent, 'type' | 'receivedAt'> & { readonly attempt?: number | undefined }

/** Returns the outline of a batch as JSON: type and time of each event, and its attempt unless it is the first. */
export function encodeOutline (events: readonly QueuedEvent[]): string {
  return JSON.stringify(events.map(({ type, receivedAt, attempt }) =>
    attempt === undefined ? [type, receivedAt] : [type, receivedAt, attempt]))
}

/** Decodes the output of encodeOutline; undefined for any other text. */
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
