/*
 * Long work, such as parsing large bodies, gets a share of each turn of the event loop. Once the share is used up,
 * further work waits for a later turn, in order of arrival. So many large bodies make no turn longer than one does:
 * they take more turns, and small requests run between them.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** A few steps of work. The last may go beyond it: the parsing of one event cannot be cut. */
const SHARE_MS = 8

/** The cost of an event whatever its length, and of reading the clock, in characters parsed. */
const CHARACTERS_PER_READING = 4_096
const CHARACTERS_PER_STEP = 64

export class TurnShare {
  readonly #now: () => number
  #endsAt = 0
  #isNewTurn = true
  #isHeld = false
  #waiting = 0
  #unread = 0
  #last: Promise<void> = Promise.resolve()

  /** @param now milliseconds of a clock that never goes back */
  constructor (now: () => number) {
    this.#now = now
  }

  /** Whether the share of this turn is used up or belongs to waiting work; then `next` resolves when to go on. */
  get isSpent (): boolean {
    if (this.#isNewTurn) this.#begin()
    return (this.#waiting > 0 && !this.#isHeld) || this.#now() >= this.#endsAt
  }

  /** The same after each of many small steps: reads the clock once for several of them. */
  isSpentAfter (characters: number): boolean {
    this.#unread += characters + CHARACTERS_PER_STEP
    if (this.#unread < CHARACTERS_PER_READING) return false
    this.#unread = 0
    return this.isSpent
  }

  /** Resolves in a later turn, whose share is the caller's. */
  async next (): Promise<void> {
    this.#waiting++
    const turn = this.#last.then(() => nextTurn())
    this.#last = turn
    await turn
    this.#waiting--
    this.#begin()
    this.#isHeld = true
  }

  #begin (): void {
    this.#isNewTurn = false
    this.#endsAt = this.#now() + SHARE_MS
    setImmediate(this.#renew)
  }

  readonly #renew = (): void => {
    this.#isNewTurn = true
    this.#isHeld = false
  }
}
