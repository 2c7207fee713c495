import { DEAD_LETTER_SHARE } from '../admission/memory.ts'

export interface DeadLetterRoomOptions {
  /** If there is no room, workers hold, or the oldest dead letters are discarded. */
  readonly overflow: 'hold' | 'discard-oldest'
  readonly mostEvents: number
  /** 0 derives it from the memory of Redis. */
  readonly mostBytes: number
  /** The memory that Redis has for events; undefined if it is unknown or unbounded. */
  readonly capacityBytes: () => number | undefined
}

/** The bounds on dead letters, and whether workers have to hold because of them. */
export class DeadLetterRoom {
  readonly #options: DeadLetterRoomOptions
  readonly #listeners: ((isFull: boolean) => void)[] = []
  #isFull = false

  constructor (options: DeadLetterRoomOptions) {
    this.#options = options
  }

  get mostEvents (): number { return this.#options.mostEvents }

  /** Undefined without a bound. */
  get mostBytes (): number | undefined {
    const { mostBytes, capacityBytes } = this.#options
    if (mostBytes > 0) return mostBytes
    const capacity = capacityBytes()
    return capacity && Math.floor(capacity * DEAD_LETTER_SHARE)
  }

  /** Calls back when the room for dead letters is used up, and when there is room again. */
  onChange (listener: (isFull: boolean) => void): void {
    this.#listeners.push(listener)
  }

  /** Learns the number and the bytes of the kept dead letters. */
  observe (count: number, bytes: number): void {
    const { overflow, mostEvents } = this.#options
    const isFull = overflow === 'hold' && (count >= mostEvents || bytes >= (this.mostBytes ?? Infinity))
    if (isFull === this.#isFull) return
    this.#isFull = isFull
    for (const listener of this.#listeners) listener(isFull)
  }
}
