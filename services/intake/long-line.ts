import { ByteBudget } from './byte-budget.ts'

/** An unfinished line up to this size needs no claim: a socket buffers as much for any request. */
const SHORT_BYTES = 65_536

/** A sender below this pace with a long line is slow, as with any body. */
const SLOW_BYTES_PER_MS = 64

/** How far a sender may fall behind before it is slow: networks pause. */
export const LINE_GRACE_MS = 1_000

/** How often a waiting stream checks for holders that have become slow. */
const LOOK_INTERVAL_MS = 250

/** Share of the memory that is reserved for streams with a critical priority in their header. */
const CRITICAL_SHARE = 1 / 4

/** Some memory for long lines, and the streams that hold it. */
class LinePool {
  readonly #budget: ByteBudget
  /** In the order of their claims. */
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

  /** Slow senders give way; otherwise a few that send a byte now and then would block all other long lines. */
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

  /** Takes memory for one stream as soon as there is some, and returns its pool; undefined if that takes too long. */
  async take (holder: LongLine, bytes: number, patienceMs: number): Promise<LinePool | undefined> {
    const pools = holder.isCritical ? [this.#common, this.#reserve] : [this.#common]
    const free = pools.find((pool) => pool.takeNow(holder, bytes))
    if (free !== undefined) return free
    const pool = holder.isCritical ? this.#reserve : this.#common
    return await pool.takeWithin(holder, bytes, patienceMs) ? pool : undefined
  }
}

/**
 * The claim of one stream on that memory. It claims the longest possible line at once: streams that claimed more as
 * their lines grow could deadlock.
 */
export class LongLine {
  readonly isCritical: boolean
  readonly #shared: LongLines
  readonly #mostBytes: number
  readonly #patienceMs: number
  readonly #onGiveWay: () => void
  #pool: LinePool | undefined
  /** How much further the sender may fall behind. */
  #graceMs = LINE_GRACE_MS
  /** The time since which the stream waits for its sender; undefined while it waits for something else. */
  #waitsSince: number | undefined

  /** @param onGiveWay called when others need the memory: the stream has to stop */
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

  /** Tells whether this many bytes of an unfinished line may be held; waits for memory within the patience. */
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

  /** Records that the stream waits only for its sender from now on. */
  waitForSender (): void {
    this.#waitsSince = this.#shared.now()
  }

  /** Records that the sender sent data. */
  hear (): void {
    if (this.#waitsSince !== undefined)
      this.#graceMs = Math.max(0, this.#graceMs - (this.#shared.now() - this.#waitsSince))
    this.#waitsSince = undefined
  }

  /** Counts bytes of the line. */
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
