import type { QueuedEvent } from '../services/event/event.ts'
import { eventLine } from './event-line.ts'

/** More nobody reads, and a terminal that is slow to show them would hold the process up. */
const MOST_LINES_PER_SECOND = 50
const SECOND_MS = 1_000

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
