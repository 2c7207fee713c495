import type { ByteBudget } from './byte-budget.ts'

/** An unfinished line up to this size is held without asking: no more than what a socket holds of any request. */
const SHORT_BYTES = 65_536

/**
 * The claim of one stream on the memory for long lines. It covers the longest line there may be, at once: streams that
 * asked for more as their lines grow could all wait for each other.
 */
export class LongLine {
  readonly #shared: ByteBudget
  readonly #mostBytes: number
  readonly #patienceMs: number
  #isClaimed = false

  constructor (shared: ByteBudget, mostBytes: number, patienceMs: number) {
    this.#shared = shared
    this.#mostBytes = mostBytes
    this.#patienceMs = patienceMs
  }

  /** Answers whether so many bytes of an unfinished line may be held; waits until they may, for a while. */
  async mayHold (bytes: number): Promise<boolean> {
    if (bytes <= SHORT_BYTES) {
      this.release()
      return true
    }
    this.#isClaimed ||= await this.#shared.takeWithin(this.#mostBytes, this.#patienceMs)
    return this.#isClaimed
  }

  release (): void {
    if (this.#isClaimed) this.#shared.give(this.#mostBytes)
    this.#isClaimed = false
  }
}
