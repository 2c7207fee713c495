import { Ring } from './ring.ts'

/**
 * Producers that are closed: each sends its events in order, and holds the later ones back while it waits to offer one
 * again. The producer of an event follows from the id of the event.
 */
export class Producers {
  readonly #held: readonly Ring[]
  readonly #isWaiting: Uint8Array
  /** Producers that wait to offer an event again. */
  waiting = 0

  /** @param count 0 makes each event a producer of its own, which holds nothing back */
  constructor (count: number) {
    this.#held = Array.from({ length: count }, () => new Ring())
    this.#isWaiting = new Uint8Array(count)
  }

  /** Events that are held back. */
  get held (): number { return this.#held.reduce((sum, { size }) => sum + size, 0) }

  /** The producer of an event. */
  of (id: number): number { return this.#held.length === 0 ? id : id % this.#held.length }

  isWaiting (id: number): boolean { return this.#isWaiting[this.of(id)] === 1 }

  /** The producer of an event waits from now on, or no more. */
  setWaiting (id: number, isWaiting: boolean): void {
    if (this.#held.length === 0) return
    this.waiting += Number(isWaiting) - (this.#isWaiting[this.of(id)] as number)
    this.#isWaiting[this.of(id)] = Number(isWaiting)
  }

  /** Holds an event back that lies in a slot of the pool. */
  hold (id: number, slot: number): void { this.#held[this.of(id)]!.push(slot) }

  /** Takes the oldest event that the producer of an event holds back; undefined if it holds none. */
  take (id: number): number | undefined {
    const held = this.#held[this.of(id)]
    return held === undefined || held.size === 0 ? undefined : held.shift()
  }
}
