import type { Logger } from 'pino'
import { SpoolError, type SpoolRefusal } from './spool-error.ts'

/** How long admission avoids a disk that failed. */
const REST_MS = 1_000

/** The reason of the last refusal of the spool. Logged when it changes, not with every event. */
export class SpoolTrouble {
  readonly #now: () => number
  readonly #log: Logger
  #present: SpoolRefusal | undefined
  #restsUntil = -Infinity

  constructor (now: () => number, log: Logger) {
    this.#now = now
    this.#log = log
  }

  /** True for a moment after the disk refused. */
  get isResting (): boolean { return this.#now() < this.#restsUntil }

  begin (refusal: SpoolError): void {
    // Without a cause the bound is reached, and the disk is fine.
    if (refusal.cause !== undefined) this.#restsUntil = this.#now() + REST_MS
    if (this.#present === refusal.code) return
    this.#present = refusal.code
    this.#log.error(
      { event: refusal.code === 'spool-full' ? 'spool-full' : 'spool-unusable', err: refusal },
      'the spool refuses events'
    )
  }

  end (): void {
    if (this.#present !== undefined)
      this.#log.info({ event: 'spool-usable', after: this.#present }, 'the spool accepts events again')
    this.#present = undefined
    this.#restsUntil = -Infinity
  }
}
