/*
 * Events that Spillway need not deliver, since a fault destroyed the only record of them:
 *
 *   damaged     a fault flipped a bit of its stored batch; Spillway must report that batch, and deliver none of it
 *   forgotten   Redis was put back to an earlier moment, and the event was promised after that moment
 */
import type { Level } from './event/level.ts'

/** A stored batch in which a fault flipped a bit. */
export interface Damage {
  readonly place: 'queue' | 'spool'
  readonly batchId: string
  /** The numbers of its events; undefined for one that cannot be recognized. */
  readonly events: readonly (number | undefined)[]
}

/** A time whose writes are gone. Milliseconds since the start. */
export interface Rollback {
  readonly fromMs: number
  readonly toMs: number
  /** The levels of the promises that it may break. */
  readonly levels: readonly Level[]
}

/** Time from a moment in the life of an event until Redis has recorded it, and until the proof has read an answer. */
const RECORDING_MS = 5_000
const ANSWER_MS = 500

export class Excuses {
  readonly damages: Damage[] = []
  readonly rollbacks: Rollback[] = []

  /** The number of damaged events that Spillway had booked in the queue. */
  get damagedInQueue (): number {
    return this.damages.reduce((sum, { place, events }) => sum + (place === 'queue' ? events.length : 0), 0)
  }

  hasRolledBackSince (ms: number): boolean { return this.rollbacks.some(({ toMs }) => toMs >= ms) }

  /** Whether Redis may have forgotten that something happened at this moment. */
  isForgettable (ms: number): boolean {
    return this.rollbacks.some(({ fromMs, toMs }) => ms >= fromMs - RECORDING_MS && ms <= toMs + ANSWER_MS)
  }

  /**
   * Whether an event may be lost, by the moment and the level of its promise.
   *
   * @param level undefined if the answer did not name it
   */
  mayBeForgotten (acknowledgedAtMs: number, level: Level | undefined): boolean {
    return this.rollbacks.some(({ fromMs, toMs, levels }) =>
      acknowledgedAtMs >= fromMs && acknowledgedAtMs <= toMs + ANSWER_MS &&
      (level === undefined || levels.includes(level)))
  }
}
