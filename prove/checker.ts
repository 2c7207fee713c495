/*
 * The memory of the proof: events posted, promised and delivered. An answer 202 creates an obligation, a delivery to
 * the consumer meets it, and events with an open obligation at the end are lost.
 *
 * Columns indexed by sequence number hold about 30 bytes per event, so that hours of load fit in memory. Facts that
 * derive from the number are not stored (see event/facts.ts). Ids that Spillway made are stored as text.
 */
import { LEVELS, type Level } from './event/level.ts'
import { packOrigin, unpackOrigin, type Origin } from './event/origin.ts'

/** Counts of the outcomes of a group of events. */
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
  /** Obligations that the consumer refused for good and that were not replayed: dead letters, not losses. */
  refused: number
  /** Obligations whose deadlines passed before they arrived. */
  expired: number
  /** Obligations whose stored batch a fault damaged, and that did not arrive. */
  damaged: number
  /** Obligations after the moment to which a fault put Redis back, and that did not arrive. */
  forgotten: number
  /** Events that arrived although no 202 was seen, as when an answer is cut off: neither a promise nor an error. */
  unpromised: number
}

/** An obligation that was not met, with facts that may explain it. Times are milliseconds since the start. */
export interface Loss {
  readonly sequence: number
  readonly level: Level
  readonly postedAtMs: number
  readonly acknowledgedAtMs: number
  /** The injection during which it was posted, 0 outside of any. */
  readonly injection: number
}

/**
 * The end of an event that did not arrive: none, a final refusal, one before a replay, a deadline that has passed, or
 * one of the excuses.
 */
const FATES = ['none', 'refused', 'replayed', 'expired', 'damaged', 'forgotten'] as const

/** Fates that end an obligation. */
const ENDS: ReadonlySet<Fate> = new Set(['refused', 'expired', 'damaged', 'forgotten'])

export type Fate = typeof FATES[number]

const FIRST_CAPACITY = 2 ** 16
const MOST_COUNTED = 255
const MOST_ATTEMPTS = 65_535

export class Checker {
  #posted = 0
  #missing = 0
  /** 0 without an obligation, otherwise the place of its level in LEVELS, from 1. */
  #level = new Uint8Array(FIRST_CAPACITY)
  #arrivals = new Uint8Array(FIRST_CAPACITY)
  #postedIn = new Uint16Array(FIRST_CAPACITY)
  #postedAt = new Uint32Array(FIRST_CAPACITY)
  #acknowledgedAt = new Uint32Array(FIRST_CAPACITY)
  #arrivedAt = new Uint32Array(FIRST_CAPACITY)
  #origin = new Uint8Array(FIRST_CAPACITY)
  #attempt = new Uint16Array(FIRST_CAPACITY)
  #fate = new Uint8Array(FIRST_CAPACITY)
  #lastCall = new Int32Array(FIRST_CAPACITY)
  readonly #calls = new Map<number, number[]>()
  readonly #answeredIds = new Map<number, string[]>()
  readonly #deliveredIds = new Map<number, string>()
  readonly #vague = new Set<number>()
  /** The deadlines of open obligations, milliseconds since the start. */
  readonly #deadlines = new Map<number, number>()
  #arrivalsInAll = 0
  #handled = 0

  get posted (): number { return this.#posted }

  /** The number of open obligations. */
  get missing (): number { return this.#missing }

  /** The number of events that reached the consumer, and of their arrivals. */
  get handled (): number { return this.#handled }
  get arrivals (): number { return this.#arrivalsInAll }

  /** The number of promised events whose deadlines passed before they arrived. */
  get expired (): number { return this.total().expired }

  /** Records that events are about to be posted; returns the sequence number of the first. */
  post (count: number, origin: Origin, injection: number, nowMs: number): number {
    const first = this.#posted
    this.#posted += count
    this.#grow()
    this.#postedIn.fill(injection, first, this.#posted)
    this.#postedAt.fill(nowMs, first, this.#posted)
    this.#origin.fill(packOrigin(origin), first, this.#posted)
    return first
  }

  /**
   * Records an answer 202. A repeated request counts once, with the first level that an answer named, or queued if none
   * did.
   */
  acknowledge (
    sequence: number, level: Level | undefined, nowMs: number, id?: string, expiresAtMs?: number
  ): void {
    if (id !== undefined && !this.answeredIds(sequence).includes(id)) {
      this.#answeredIds.set(sequence, [...this.answeredIds(sequence), id])
    }
    if (this.#level[sequence] !== 0) return
    if (level === undefined) this.#vague.add(sequence)
    this.#level[sequence] = LEVELS.indexOf(level ?? 'queued') + 1
    this.#acknowledgedAt[sequence] = nowMs
    if (expiresAtMs !== undefined) this.#deadlines.set(sequence, expiresAtMs)
    if (!this.#isSettled(sequence)) this.#missing++
  }

  /** Records that the consumer took an event in a call. */
  handle (sequence: number, call: number, nowMs: number): void {
    const before = this.#arrivals[sequence] as number
    if (before === 0 && this.#isPromised(sequence) && !this.#isSettled(sequence)) this.#missing--
    if (before < MOST_COUNTED) this.#arrivals[sequence] = before + 1
    this.#arrivalsInAll++
    if (before === 0) {
      this.#handled++
      this.#arrivedAt[sequence] = nowMs
    } else {
      const calls = this.#calls.get(sequence) ?? [this.#lastCall[sequence] as number]
      this.#calls.set(sequence, [...calls, call])
    }
    this.#lastCall[sequence] = call
  }

  /**
   * Ends the obligations whose deadlines have passed; a dead letter keeps its deadline for a replay. Whether Spillway
   * booked them as expired is for the ledger.
   */
  expire (nowMs: number): void {
    for (const [sequence, expiresAtMs] of this.#deadlines) {
      if (this.isHandled(sequence)) this.#deadlines.delete(sequence)
      else if (expiresAtMs <= nowMs && !ENDS.has(this.fateOf(sequence))) {
        this.#deadlines.delete(sequence)
        this.#missing--
        this.#fate[sequence] = FATES.indexOf('expired')
      }
    }
  }

  /** Records that the consumer refused an event for good; it must not arrive before a replay. */
  refuse (sequence: number): void {
    if (this.fateOf(sequence) !== 'none') return
    if (this.#isPromised(sequence) && !this.isHandled(sequence)) this.#missing--
    this.#fate[sequence] = FATES.indexOf('refused')
  }

  /** Records that a fault destroyed an event: it need not arrive any more. */
  excuse (sequence: number, fate: 'damaged' | 'forgotten'): void {
    const before = this.fateOf(sequence)
    // An event may lose its deadline and its record while it waits.
    if (ENDS.has(before) && before !== 'expired') return
    if (before !== 'expired' && this.#isPromised(sequence) && !this.isHandled(sequence)) this.#missing--
    this.#fate[sequence] = FATES.indexOf(fate)
  }

  /** Records the replay of a dead letter: from now on it has to arrive. */
  replay (sequence: number): void {
    if (this.fateOf(sequence) === 'refused' && this.#isPromised(sequence) && !this.isHandled(sequence)) this.#missing++
    this.#fate[sequence] = FATES.indexOf('replayed')
  }

  /** Records the id and the attempt of a delivered event. */
  record (sequence: number, id: string, attempt: number): void {
    if (!this.#deliveredIds.has(sequence)) this.#deliveredIds.set(sequence, id)
    this.#attempt[sequence] = Math.max(this.#attempt[sequence] as number, Math.min(attempt, MOST_ATTEMPTS))
  }

  isPosted (sequence: number): boolean { return Number.isInteger(sequence) && sequence >= 0 && sequence < this.#posted }
  isHandled (sequence: number): boolean { return this.#arrivals[sequence] !== 0 }
  originOf (sequence: number): Origin { return unpackOrigin(this.#origin[sequence] as number) }
  fateOf (sequence: number): Fate { return FATES[this.#fate[sequence] as number] as Fate }
  levelOf (sequence: number): Level | undefined { return LEVELS[(this.#level[sequence] as number) - 1] }
  /** Whether the answer did not name the level of this particular event. */
  isLevelVague (sequence: number): boolean { return this.#vague.has(sequence) }
  postedAt (sequence: number): number { return this.#postedAt[sequence] as number }
  acknowledgedAt (sequence: number): number { return this.#acknowledgedAt[sequence] as number }
  arrivedAt (sequence: number): number { return this.#arrivedAt[sequence] as number }
  /** The highest attempt among its deliveries; 0 before the first. */
  attemptOf (sequence: number): number { return this.#attempt[sequence] as number }
  /** The ids in answers to its posts; several if it was stored in several places. */
  answeredIds (sequence: number): readonly string[] { return this.#answeredIds.get(sequence) ?? [] }
  deliveredId (sequence: number): string | undefined { return this.#deliveredIds.get(sequence) }

  /** For each event that arrived more than once, its calls in order. */
  get repeats (): ReadonlyMap<number, readonly number[]> { return this.#calls }

  /** By the injection during which the events were posted; 0 outside of any. */
  byInjection (): Map<number, Tally> {
    return this.#tally((sequence) => this.#postedIn[sequence] as number)
  }

  /** By the promised level, without events that have no promise. */
  byLevel (): Map<Level, Tally> {
    const byPlace = this.#tally((sequence) => this.#level[sequence] as number)
    return new Map(LEVELS.map((level, index) => [level, byPlace.get(index + 1) ?? emptyTally()]))
  }

  total (): Tally {
    return this.#tally(() => 0).get(0) ?? emptyTally()
  }

  /** Promised events whose deadlines passed before they arrived. */
  expiredEvents (): number[] {
    const all = Array.from({ length: this.#posted }, (_, sequence) => sequence)
    return all.filter((sequence) => this.fateOf(sequence) === 'expired' && !this.isHandled(sequence))
  }

  /** The numbers of all open obligations. */
  open (): number[] {
    const all = Array.from({ length: this.#posted }, (_, sequence) => sequence)
    return all.filter((sequence) => this.#isPromised(sequence) && !this.#isSettled(sequence))
  }

  /** Counts promised events with this property. */
  countPromised (has: (sequence: number) => boolean): number {
    let count = 0
    for (let sequence = 0; sequence < this.#posted; sequence++) {
      if (this.#isPromised(sequence) && has(sequence)) count++
    }
    return count
  }

  /** The first open obligations. */
  losses (most: number): Loss[] {
    const losses: Loss[] = []
    for (let sequence = 0; sequence < this.#posted && losses.length < most; sequence++) {
      const level = LEVELS[(this.#level[sequence] as number) - 1]
      if (level === undefined || this.#isSettled(sequence)) continue
      losses.push({
        sequence,
        level,
        postedAtMs: this.#postedAt[sequence] as number,
        acknowledgedAtMs: this.#acknowledgedAt[sequence] as number,
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
      else if (this.fateOf(sequence) === 'refused') tally.refused++
      else if (this.fateOf(sequence) === 'expired') tally.expired++
      else if (this.fateOf(sequence) === 'damaged') tally.damaged++
      else if (this.fateOf(sequence) === 'forgotten') tally.forgotten++
      else tally.lost++
    }
    return tallies
  }

  #isPromised (sequence: number): boolean { return this.#level[sequence] !== 0 }

  #isSettled (sequence: number): boolean {
    return this.isHandled(sequence) || ENDS.has(this.fateOf(sequence))
  }

  #grow (): void {
    let capacity = this.#level.length
    if (this.#posted <= capacity) return
    while (capacity < this.#posted) capacity *= 2
    this.#level = grown(this.#level, new Uint8Array(capacity))
    this.#arrivals = grown(this.#arrivals, new Uint8Array(capacity))
    this.#postedIn = grown(this.#postedIn, new Uint16Array(capacity))
    this.#arrivedAt = grown(this.#arrivedAt, new Uint32Array(capacity))
    this.#origin = grown(this.#origin, new Uint8Array(capacity))
    this.#attempt = grown(this.#attempt, new Uint16Array(capacity))
    this.#fate = grown(this.#fate, new Uint8Array(capacity))
    this.#lastCall = grown(this.#lastCall, new Int32Array(capacity))
    this.#postedAt = grown(this.#postedAt, new Uint32Array(capacity))
    this.#acknowledgedAt = grown(this.#acknowledgedAt, new Uint32Array(capacity))
  }
}

function emptyTally (): Tally {
  return {
    posted: 0, acknowledged: 0, handled: 0, lost: 0, duplicated: 0, refused: 0, expired: 0, damaged: 0, forgotten: 0,
    unpromised: 0
  }
}

function grown<T extends Uint8Array | Uint16Array | Uint32Array | Int32Array> (column: T, larger: T): T {
  larger.set(column)
  return larger
}
