import { ByteBudget } from './byte-budget.ts'

/** An unfinished line up to this size is held without asking: no more than what a socket holds of any request. */
const SHORT_BYTES = 65_536

/** A sender that falls behind this pace with a long line is slow, as with any body. */
const SLOW_BYTES_PER_MS = 64

/** How far a sender may fall behind before it is slow: networks pause. */
export const LINE_GRACE_MS = 1_000

/** How often those who wait look for one that has become slow meanwhile. */
const LOOK_INTERVAL_MS = 250

/** Share of the memory that is kept for streams whose header says that they are critical. */
const CRITICAL_SHARE = 1 / 4

/** Some memory for long lines, and the streams that hold it. */
class LinePool {
  readonly #budget: ByteBudget
  /** In the order in which they took it. */
  readonly #holders = new Set<LongLine>()

  constructor (mostBytes: number) {
    this.#budget = new ByteBudget(mostBytes)
  }

  get held (): number { return this.#budget.held }

  takeNow (holder: LongLine, bytes: number): boolean {
    const isTaken = this.#budget.takeNow(bytes)
    if (isTaken) this.#holders.add(holder)
    return isTaken
  }

  /** Slow senders give way for it, or a few who send a byte now and then would keep all others from sending a long line. */
  async takeWithin (holder: LongLine, bytes: number, patienceMs: number): Promise<boolean> {
    const taking = this.#budget.takeWithin(bytes, patienceMs)
    this.#endSlow()
    const look = setInterval(() => this.#endSlow(), LOOK_INTERVAL_MS)
    const isTaken = await taking.finally(() => clearInterval(look))
    if (isTaken) this.#holders.add(holder)
    return isTaken
  }

  give (holder: LongLine, bytes: number): void {
    if (this.#holders.delete(holder)) this.#budget.give(bytes)
  }

  #endSlow (): void {
    for (const holder of this.#holders) {
      if (holder.isSlow) return holder.giveWay()
    }
  }
}

/** The memory for long lines of all streams, with a reserve for streams of critical events. */
export class LongLines {
  /** Milliseconds of any clock that does not go back. */
  readonly now: () => number
  readonly #common: LinePool
  readonly #reserve: LinePool

  constructor (mostBytes: number, now: () => number) {
    this.now = now
    const reserved = Math.ceil(mostBytes * CRITICAL_SHARE)
    this.#common = new LinePool(mostBytes - reserved)
    this.#reserve = new LinePool(reserved)
  }

  get held (): number { return this.#common.held + this.#reserve.held }

  /** Takes memory for one stream as soon as there is some, and answers where from; undefined when that took too long. */
  async take (holder: LongLine, bytes: number, patienceMs: number): Promise<LinePool | undefined> {
    const pools = holder.isCritical ? [this.#common, this.#reserve] : [this.#common]
    const free = pools.find((pool) => pool.takeNow(holder, bytes))
    if (free !== undefined) return free
    const pool = holder.isCritical ? this.#reserve : this.#common
    return await pool.takeWithin(holder, bytes, patienceMs) ? pool : undefined
  }
}

/**
 * The claim of one stream on that memory, for the longest possible line at once: streams that asked for more as their
 * lines grow could all wait for each other.
 */
export class LongLine {
  readonly isCritical: boolean
  readonly #shared: LongLines
  readonly #mostBytes: number
  readonly #patienceMs: number
  readonly #onGiveWay: () => void
  #pool: LinePool | undefined
  /** How much further its sender may fall behind. */
  #graceMs = LINE_GRACE_MS
  /** Since when its sender is waited for; undefined while the stream waits for something else. */
  #waitsSince: number | undefined

  /** @param onGiveWay the memory is needed for others: the stream has to end */
  constructor (shared: LongLines, mostBytes: number, patienceMs: number, isCritical: boolean, onGiveWay: () => void) {
    this.isCritical = isCritical
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
    if (this.#pool === undefined) {
      this.#graceMs = LINE_GRACE_MS
      this.#pool = await this.#shared.take(this, this.#mostBytes, this.#patienceMs)
    }
    return this.#pool !== undefined
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

  /** Counts so many bytes of the line. */
  record (bytes: number): void {
    this.#graceMs = Math.min(LINE_GRACE_MS, this.#graceMs + bytes / SLOW_BYTES_PER_MS)
  }

  giveWay (): void {
    this.release()
    this.#onGiveWay()
  }

  release (): void {
    this.#pool?.give(this, this.#mostBytes)
    this.#pool = undefined
  }
}
