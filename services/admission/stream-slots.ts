/** The reason for refusing a stream beyond the limit on open streams. */
export const TOO_MANY_STREAMS = 'too-many-streams'

/** The reason for refusing a stream of a key that has as many open as it may. */
export const TOO_MANY_KEY_STREAMS = 'too-many-key-streams'

/** Share of all streams that is kept for those whose header says that they are critical. */
const CRITICAL_SHARE = 1 / 4

/**
 * Counts the open streams of a process. Each takes some memory however little it sends, and may last for hours. A share
 * of the slots is reserved for streams of critical events; single events and arrays need none.
 */
export class StreamSlots {
  readonly #most: number
  readonly #mostOthers: number
  #open = 0

  constructor (most: number) {
    this.#most = most
    this.#mostOthers = Math.max(1, most - Math.ceil(most * CRITICAL_SHARE))
  }

  get open (): number { return this.#open }

  /** Takes a slot, which the caller gives back; false if none is left. */
  take (isCritical: boolean): boolean {
    if (this.#open >= (isCritical ? this.#most : this.#mostOthers)) return false
    this.#open++
    return true
  }

  give (): void {
    this.#open--
  }
}
