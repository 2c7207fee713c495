import type { QueuedEvent } from '../services/event/event.ts'
import { plainText } from '../services/event/plain-text.ts'

/** How much of a payload, and of a type or an id, is shown. */
const MOST_PAYLOAD_CHARACTERS = 200
const MOST_NAME_CHARACTERS = 120

/**
 * An event in one line for people: its type, id, priority and the beginning of its payload. Whatever producers posted,
 * it is plain text.
 */
export function eventLine ({ type, id, priority, payload }: QueuedEvent): string {
  return `event ${plainText(type, MOST_NAME_CHARACTERS)} · priority ${priority} · id ${plainText(id, MOST_NAME_CHARACTERS)} · ${plainText(JSON.stringify(payload) ?? '', MOST_PAYLOAD_CHARACTERS)}`
}
