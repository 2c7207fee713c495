import type { QueuedEvent } from '../services/event/event.ts'
import { printable } from '../services/terminal/printable.ts'

/** Nobody reads more, and a slow terminal would block the process. */
const MOST_LINES_PER_SECOND = 50
const SECOND_MS = 1_000

/** The number of characters shown of a payload, and of a type or an id. */
const MOST_PAYLOAD_CHARACTERS = 200
const MOST_NAME_CHARACTERS = 120

export interface EventPrinterOptions {
  write: (text: string) => void
  /** Milliseconds of any monotonic clock. */
  now: () => number
}

/** Prints a limited number of events a second, and says once a second if there are more. */
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
      write(`more than ${MOST_LINES_PER_SECOND} events a second: the rest of this second is handled but not shown\n`)
  }
}

/** Returns an event as one line of plain text, without control characters. */
export function eventLine ({ type, id, priority, payload }: QueuedEvent): string {
  return `event ${plain(type, MOST_NAME_CHARACTERS)} · priority ${priority} · id ${plain(id, MOST_NAME_CHARACTERS)} · ${
    plain(JSON.stringify(payload) ?? '', MOST_PAYLOAD_CHARACTERS)
  }`
}

function plain (text: string, mostCharacters: number): string {
  // Cut first, to avoid a scan of a large payload. Half of a surrogate pair counts as unprintable.
  const shown = printable(text.slice(0, mostCharacters))
  return text.length > mostCharacters ? `${shown}…` : shown
}
