/** Most that one turn of the event loop adds to the time in which it turned. */
export const MOST_PER_TURN_MS = 30

/**
 * Adds up the time in which an event loop turned. A gap, however long, counts as one turn: a suspended process cannot
 * read answers.
 */
export class TurnedTime {
  readonly #mostPerTurnMs: number
  #at: number
  #elapsedMs = 0

  /** @param now milliseconds of any clock; later looks use the same one */
  constructor (now: number, mostPerTurnMs = MOST_PER_TURN_MS) {
    this.#at = now
    this.#mostPerTurnMs = mostPerTurnMs
  }

  get elapsedMs (): number { return this.#elapsedMs }

  /** Records a turn. */
  turn (now: number): void {
    const gapMs = now - this.#at
    this.#at = now
    this.#elapsedMs += Math.max(0, Math.min(gapMs, this.#mostPerTurnMs))
  }
}
