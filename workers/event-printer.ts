import type { QueuedEvent } from '../services/event/event.ts'
import { printable } from '../services/terminal/printable.ts'

/** More nobody reads, and a terminal that is slow to show them would hold the process up. */
const MOST_LINES_PER_SECOND = 50
const SECOND_MS = 1_000

/** How much of a payload, and of a type or an id, is shown. */
const MOST_PAYLOAD_CHARACTERS = 200
const MOST_NAME_CHARACTERS = 120

export interface EventPrinterOptions {
  write: (text: string) => void
  /** Milliseconds, of any clock that does not go back. */
  now: () => number
}

/** Prints events, so many a second, and says once a second that there are more. */
export class EventPrinter {
  readonly #options: EventPrinterOptions
  #secondAt = -Infinity
  #lines = 0

  constructor (options: EventPrinterOptions) {
    this.#options = options
  }

  print (event: QueuedEvent): void {
    const { write, now } = this.#options
    const at = now()
    if (at - this.#secondAt >= SECOND_MS) {
      this.#secondAt = at
      this.#lines = 0
    }
    this.#lines++
    if (this.#lines <= MOST_LINES_PER_SECOND) write(`${eventLine(event)}\n`)
    else if (this.#lines === MOST_LINES_PER_SECOND + 1)
      write(`more events than ${MOST_LINES_PER_SECOND} a second: the rest of this second is handled and not shown\n`)
  }
}

/** An event in one line of plain text, whatever producers posted. */
export function eventLine ({ type, id, priority, payload }: QueuedEvent): string {
  return `event ${plain(type, MOST_NAME_CHARACTERS)} · priority ${priority} · id ${plain(id, MOST_NAME_CHARACTERS)} · ${plain(JSON.stringify(payload) ?? '', MOST_PAYLOAD_CHARACTERS)}`
}

function plain (text: string, mostCharacters: number): string {
  // Cut first, so that a large payload is not looked through; a pair that is cut in two goes with the unprintable.
  const shown = printable(text.slice(0, mostCharacters))
  return text.length > mostCharacters ? `${shown}…` : shown
}
