/*
 * The memory of the proof: what was posted, what was promised, what arrived. An answer 202 creates an obligation, the consumer
 * collects on it, and what is left at the end is lost.
 *
 * Events are known by their sequence number and kept as columns, about 20 bytes each, so that hours of load fit in memory.
 */

/** Levels of durability that an answer may name, the weakest first. */
export const LEVELS = ['queued', 'synced', 'spooled'] as const

export type Level = typeof LEVELS[number]

/** What became of a group of events. */
export interface Tally {
  posted: number
  /** Answered 202: obligations. */
  acknowledged: number
  /** Obligations that reached the consumer. */
  handled: number
  /** Obligations that did not. */
  lost: number
  /** Events that reached the consumer more than once. */
  duplicated: number
  /** Arrived although no answer 202 was seen, as when an answer is cut off: no promise, no error. */
  unpromised: number
}

/** An obligation that was not met, with what may explain it. Times are milliseconds since the start. */
export interface Loss {
  readonly sequence: number
  readonly level: Level
  readonly postedAtMs: number
  readonly acknowledgedAtMs: number
  /** The injection during which it was posted, 0 outside of any. */
  readonly injection: number
}

const FIRST_CAPACITY = 2 ** 16
const MOST_COUNTED = 255

export class Oracle {
  #posted = 0
  #missing = 0
  /** 0 without an obligation, otherwise the place of its level in LEVELS, from 1. */
  #level = new Uint8Array(FIRST_CAPACITY)
  #arrivals = new Uint8Array(FIRST_CAPACITY)
  #postedIn = new Uint16Array(FIRST_CAPACITY)
  #suspect = new Uint16Array(FIRST_CAPACITY)
  #postedAt = new Uint32Array(FIRST_CAPACITY)
  #acknowledgedAt = new Uint32Array(FIRST_CAPACITY)
  #duplicates = new Map<number, number>()

  get posted (): number { return this.#posted }

  /** Obligations that are not met yet. */
  get missing (): number { return this.#missing }

  /** Notes that events are about to be posted; answers the sequence number of the first. */
  post (count: number, injection: number, nowMs: number): number {
    const first = this.#posted
    this.#posted += count
    this.#grow()
    this.#postedIn.fill(injection, first, this.#posted)
    this.#postedAt.fill(nowMs, first, this.#posted)
    return first
  }

  /** Notes an answer 202. Of a repeated request it counts once, with the level that was named first. */
  acknowledge (sequence: number, level: Level, nowMs: number): void {
    if (this.#level[sequence] !== 0) return
    this.#level[sequence] = LEVELS.indexOf(level) + 1
    this.#acknowledgedAt[sequence] = nowMs
    if (!this.isHandled(sequence)) this.#missing++
  }

  /**
   * Notes that an event reached the consumer. Should it come again, the first injection from here on is to blame, or the
   * current one.
   *
   * @param begun injections that have begun so far
   * @param isDuring whether the last of them is not recovered from yet
   * @returns false when no such event was posted
   */
  handle (sequence: number, begun: number, isDuring: boolean): boolean {
    if (!Number.isInteger(sequence) || sequence < 0 || sequence >= this.#posted) return false
    const before = this.#arrivals[sequence] as number
    if (before < MOST_COUNTED) this.#arrivals[sequence] = before + 1
    if (before === 0) {
      this.#suspect[sequence] = isDuring ? begun : begun + 1
      if (this.#level[sequence] !== 0) this.#missing--
    } else if (before === 1) {
      const suspect = this.#suspect[sequence] as number
      const cause = suspect <= begun ? suspect : 0
      this.#duplicates.set(cause, (this.#duplicates.get(cause) ?? 0) + 1)
    }
    return true
  }

  isHandled (sequence: number): boolean {
    return this.#arrivals[sequence] !== 0
  }

  /** Events that came more than once, by the injection that is to blame; 0 when there is none. */
  get duplicates (): ReadonlyMap<number, number> { return this.#duplicates }

  /** By the injection during which the events were posted; 0 is outside of any. */
  byInjection (): Map<number, Tally> {
    return this.#tally((sequence) => this.#postedIn[sequence] as number)
  }

  /** By the level that was promised; events without a promise are not in it. */
  byLevel (): Map<Level, Tally> {
    const byPlace = this.#tally((sequence) => this.#level[sequence] as number)
    return new Map(LEVELS.map((level, index) => [level, byPlace.get(index + 1) ?? emptyTally()]))
  }

  total (): Tally {
    return this.#tally(() => 0).get(0) ?? emptyTally()
  }

  /** The first of the obligations that are not met. */
  losses (most: number): Loss[] {
    const losses: Loss[] = []
    for (let sequence = 0; sequence < this.#posted && losses.length < most; sequence++) {
      const level = LEVELS[(this.#level[sequence] as number) - 1]
      if (level === undefined || this.isHandled(sequence)) continue
      losses.push({
        sequence, level, postedAtMs: this.#postedAt[sequence] as number, acknowledgedAtMs: this.#acknowledgedAt[sequence] as number,
        injection: this.#postedIn[sequence] as number
      })
    }
    return losses
  }

  #tally (groupOf: (sequence: number) => number): Map<number, Tally> {
    const tallies = new Map<number, Tally>()
    for (let sequence = 0; sequence < this.#posted; sequence++) {
      const group = groupOf(sequence)
      let tally = tallies.get(group)
      if (tally === undefined) tallies.set(group, tally = emptyTally())
      const arrivals = this.#arrivals[sequence] as number
      tally.posted++
      if (arrivals > 1) tally.duplicated++
      if (this.#level[sequence] === 0) {
        if (arrivals > 0) tally.unpromised++
        continue
      }
      tally.acknowledged++
      if (arrivals > 0) tally.handled++
      else tally.lost++
    }
    return tallies
  }

  #grow (): void {
    let capacity = this.#level.length
    if (this.#posted <= capacity) return
    while (capacity < this.#posted) capacity *= 2
    this.#level = grown(this.#level, new Uint8Array(capacity))
    this.#arrivals = grown(this.#arrivals, new Uint8Array(capacity))
    this.#postedIn = grown(this.#postedIn, new Uint16Array(capacity))
    this.#suspect = grown(this.#suspect, new Uint16Array(capacity))
    this.#postedAt = grown(this.#postedAt, new Uint32Array(capacity))
    this.#acknowledgedAt = grown(this.#acknowledgedAt, new Uint32Array(capacity))
  }
}

function emptyTally (): Tally {
  return { posted: 0, acknowledged: 0, handled: 0, lost: 0, duplicated: 0, unpromised: 0 }
}

function grown<T extends Uint8Array | Uint16Array | Uint32Array> (column: T, larger: T): T {
  larger.set(column)
  return larger
}
