import type { WorkerEntry } from '../services/fleet/member.ts'

/** How often the same disagreement is reported again. */
const REPEAT_INTERVAL_MS = 600_000

export interface AgreementOptions {
  /** Called with the different lists of handlers, when they change and from time to time while they differ. */
  onDifference: (handlers: readonly string[]) => void
  /** Milliseconds, of any clock that does not go back. */
  now: () => number
}

/** Watches whether all live workers run the same handlers: otherwise chance decides what is done with an event. */
export class HandlerAgreement {
  readonly #options: AgreementOptions
  #told = ''
  #toldAt = -Infinity

  constructor (options: AgreementOptions) {
    this.#options = options
  }

  observe (workers: readonly WorkerEntry[]): void {
    const { onDifference, now } = this.#options
    const lists = [...new Set(workers.map(({ handlers }) => handlers.join('+') || 'none'))].toSorted()
    const difference = lists.length > 1 ? lists.join() : ''
    const isNews = difference !== this.#told || now() - this.#toldAt >= REPEAT_INTERVAL_MS
    this.#told = difference
    if (difference === '' || !isNews) return
    this.#toldAt = now()
    onDifference(lists)
  }
}
