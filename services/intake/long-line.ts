import { ByteBudget } from './byte-budget.ts'

/** An unfinished line up to this size is held without asking: no more than what a socket holds of any request. */
const SHORT_BYTES = 65_536

/** A sender that falls behind this pace with a long line is slow, as with any body. */
const SLOW_BYTES_PER_MS = 64

/** How far a sender may fall behind before it is slow: networks pause. */
export const LINE_GRACE_MS = 1_000

/** How often those who wait look for one that has become slow meanwhile. */
const LOOK_INTERVAL_MS = 250

/** The memory for long lines of all streams, and the streams that hold some of it. */
export class LongLines {
  /** Milliseconds of any clock that does not go back. */
  readonly now: () => number
  readonly #budget: ByteBudget
  /** In the order in which they took it. */
  readonly #holders = new Set<LongLine>()

  constructor (mostBytes: number, now: () => number) {
    this.now = now
    this.#budget = new ByteBudget(mostBytes)
  }

  get held (): number { return this.#budget.held }

  /**
   * Takes memory for one stream as soon as there is some; false when that took too long. Slow senders give way for it, or a few
   * who send a byte now and then would keep all others from sending a long line.
   */
  async take (holder: LongLine, bytes: number, patienceMs: number): Promise<boolean> {
    const isTaken = this.#budget.takeNow(bytes) || await this.#takeFromSlow(bytes, patienceMs)
    if (isTaken) this.#holders.add(holder)
    return isTaken
  }

  give (holder: LongLine, bytes: number): void {
    if (this.#holders.delete(holder)) this.#budget.give(bytes)
  }

  async #takeFromSlow (bytes: number, patienceMs: number): Promise<boolean> {
    const taking = this.#budget.takeWithin(bytes, patienceMs)
    this.#endSlow()
    const look = setInterval(() => this.#endSlow(), LOOK_INTERVAL_MS)
    return await taking.finally(() => clearInterval(look))
  }

  #endSlow (): void {
    for (const holder of this.#holders) {
      if (holder.isSlow) return holder.giveWay()
    }
  }
}

/**
 * The claim of one stream on the memory for long lines. It covers the longest line there may be, at once: streams that
 * asked for more as their lines grow could all wait for each other.
 */
export class LongLine {
  readonly #shared: LongLines
  readonly #mostBytes: number
  readonly #patienceMs: number
  readonly #onGiveWay: () => void
  #isClaimed = false
  /** How much further its sender may fall behind. */
  #graceMs = LINE_GRACE_MS
  /** Since when its sender is waited for; undefined while the stream waits for something else. */
  #waitsSince: number | undefined

  /** @param onGiveWay the memory is needed for others: the stream has to end */
  constructor (shared: LongLines, mostBytes: number, patienceMs: number, onGiveWay: () => void) {
    this.#shared = shared
    this.#mostBytes = mostBytes
    this.#patienceMs = patienceMs
    this.#onGiveWay = onGiveWay
  }

  get isSlow (): boolean {
    return this.#waitsSince !== undefined && this.#shared.now() - this.#waitsSince > this.#graceMs
  }

  /** Answers whether so many bytes of an unfinished line may be held; waits until they may, for a while. */
  async mayHold (bytes: number): Promise<boolean> {
    if (bytes <= SHORT_BYTES) {
      this.release()
      return true
    }
    if (!this.#isClaimed) {
      this.#graceMs = LINE_GRACE_MS
      this.#isClaimed = await this.#shared.take(this, this.#mostBytes, this.#patienceMs)
    }
    return this.#isClaimed
  }

  /** From now on nothing but its sender is waited for. */
  waitForSender (): void {
    this.#waitsSince = this.#shared.now()
  }

  /** The sender has sent something. */
  hear (): void {
    if (this.#waitsSince !== undefined) this.#graceMs = Math.max(0, this.#graceMs - (this.#shared.now() - this.#waitsSince))
    this.#waitsSince = undefined
  }

  /** That was so much. */
  note (bytes: number): void {
    this.#graceMs = Math.min(LINE_GRACE_MS, this.#graceMs + bytes / SLOW_BYTES_PER_MS)
  }

  giveWay (): void {
    this.release()
    this.#onGiveWay()
  }

  release (): void {
    if (this.#isClaimed) this.#shared.give(this, this.#mostBytes)
    this.#isClaimed = false
  }
}
