/** Why a stream is refused beyond the limit on open ones. */
export const TOO_MANY_STREAMS = 'too-many-streams'

/** Share of all streams that is kept for those whose header says that they are critical. */
const CRITICAL_SHARE = 1 / 4

/**
 * Counts the open streams of a process. Each takes some memory however little it sends, and may last for hours. Streams
 * of critical events find room when others have taken all that is theirs; single events and arrays need none.
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

  /** Takes a slot, to be given back; false when there is none left. */
  take (isCritical: boolean): boolean {
    if (this.#open >= (isCritical ? this.#most : this.#mostOthers)) return false
    this.#open++
    return true
  }

  give (): void {
    this.#open--
  }
}
