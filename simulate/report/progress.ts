import type { Job } from '../job.ts'

const TERMINAL_INTERVAL_MS = 200
/** A line this often is enough in a log; a run that is over sooner leaves none. */
const PLAIN_INTERVAL_MS = 5_000
const CLEAR_LINE = '\r\u001B[K'

interface Output {
  readonly isTTY?: boolean
  write: (text: string) => unknown
}

/** Tells how far a long run is: one line that is written again on a terminal, a line now and then elsewhere. */
export class ProgressLine {
  readonly #output: Output
  readonly #now: () => number
  #shownAt: number

  constructor (output: Output, now: () => number) {
    this.#output = output
    this.#now = now
    this.#shownAt = now()
  }

  /** A listener for so many jobs. */
  of (doing: string, jobs: number): (job: Job, share: number, ended: number) => void {
    return ({ subject, seed }, share, ended) => {
      const isTerminal = this.#output.isTTY === true
      if (this.#now() - this.#shownAt < (isTerminal ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS)) return
      this.#shownAt = this.#now()
      const percent = Math.round(100 * Math.min(1, share))
      const text = `${doing} ${subject}, seed ${seed}: ${percent} %; ${ended} of ${jobs} runs done`
      this.#output.write(isTerminal ? `${CLEAR_LINE}${text}` : `${text}\n`)
    }
  }

  end (): void {
    if (this.#output.isTTY === true) this.#output.write(CLEAR_LINE)
  }
}
