import type { ByteBudget } from './byte-budget.ts'

/** Memory that an event takes beside its text while it awaits its confirmation. */
const EVENT_OVERHEAD_BYTES = 512

/** Counts submitted events without a known outcome. */
export class Confirmations {
  readonly #shared: ByteBudget | undefined
  #events = 0
  #bytes = 0
  #waiting: { events: number, bytes: number, resolve: () => void } | undefined

  /** @param shared the budget of outstanding events that all streams share */
  constructor (shared?: ByteBudget) {
    this.#shared = shared
  }

  expect (bytes: number): void {
    this.#events++
    this.#bytes += bytes
    this.#shared?.add(bytes + EVENT_OVERHEAD_BYTES)
  }

  record (bytes: number): void {
    this.#events--
    this.#bytes -= bytes
    this.#shared?.give(bytes + EVENT_OVERHEAD_BYTES)
    if (this.#waiting === undefined || !this.#isBelow(this.#waiting.events, this.#waiting.bytes)) return
    this.#waiting.resolve()
    this.#waiting = undefined
  }

  /** Resolves when fewer events and fewer bytes than these await confirmation; only one caller may wait at a time. */
  below (events: number, bytes: number): Promise<void> {
    if (this.#isBelow(events, bytes)) return Promise.resolve()
    return new Promise((resolve) => { this.#waiting = { events, bytes, resolve } })
  }

  /** Resolves when the shared budget has room. */
  async room (): Promise<void> {
    await this.#shared?.room()
  }

  async settle (): Promise<void> {
    await this.below(1, Infinity)
  }

  #isBelow (events: number, bytes: number): boolean {
    return this.#events < events && this.#bytes < bytes
  }
}
