import type { WorkerEntry } from '../services/fleet/member.ts'

/** How often the same difference is reported again. */
const REPEAT_INTERVAL_MS = 600_000

export interface AgreementOptions {
  /** Called with the different lists of handlers when they change, and regularly while they differ. */
  onDifference: (handlers: readonly string[]) => void
  /** Milliseconds of any monotonic clock. */
  now: () => number
}

/** Checks that all live workers run the same handlers: otherwise the fate of an event depends on its worker. */
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
