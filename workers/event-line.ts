import type { QueuedEvent } from '../services/event/event.ts'
import { printable } from '../services/terminal/printable.ts'

/** How much of a payload, and of a type or an id, is shown. */
const MOST_PAYLOAD_CHARACTERS = 200
const MOST_NAME_CHARACTERS = 120

/** An event in one line of plain text, whatever producers posted. */
export function eventLine ({ type, id, priority, payload }: QueuedEvent): string {
  return `event ${plain(type, MOST_NAME_CHARACTERS)} · priority ${priority} · id ${plain(id, MOST_NAME_CHARACTERS)} · ${plain(JSON.stringify(payload) ?? '', MOST_PAYLOAD_CHARACTERS)}`
}

function plain (text: string, mostCharacters: number): string {
  // Cut first, so that a large payload is not looked through; a pair that is cut in two goes with the unprintable.
  const shown = printable(text.slice(0, mostCharacters))
  return text.length > mostCharacters ? `${shown}…` : shown
}
