import { printable } from '../services/terminal/printable.ts'
import type { Output } from './session.ts'

/** The interval of lines if the output is not a terminal. */
const PLAIN_INTERVAL_MS = 5_000
const TERMINAL_INTERVAL_MS = 100

const CLEAR_LINE = '\r\u001B[K'

/** One line of progress: a terminal shows it in place, other outputs get a line from time to time. */
export class Progress {
  readonly #output: Output
  readonly #now: () => number
  #shownAt = -Infinity
  #hasLine = false

  constructor (output: Output, now: () => number = () => performance.now()) {
    this.#output = output
    this.#now = now
  }

  /** @param text called only if the line is shown */
  show (text: () => string): void {
    const { isTTY, columns } = this.#output
    const now = this.#now()
    if (now - this.#shownAt < (isTTY ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS)) return
    // Short work needs no line in a log.
    const isFirst = this.#shownAt === -Infinity
    this.#shownAt = now
    if (isTTY) this.#output.write(`${CLEAR_LINE}${printable(text()).slice(0, columns - 1)}`)
    else if (!isFirst) this.#output.write(`${printable(text())}\n`)
    this.#hasLine = isTTY
  }

  /** Clears the line on a terminal. */
  end (): void {
    if (this.#hasLine) this.#output.write(CLEAR_LINE)
    this.#hasLine = false
  }
}
