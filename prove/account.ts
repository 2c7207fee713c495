import type { Checker } from './checker.ts'
import type { Counted } from './checks/end-state.ts'
import type { EventFacts } from './event/facts.ts'
import { storedEvents } from './event/stored-batch.ts'
import { Excuses, type Damage, type Rollback } from './excuses.ts'
import type { Timeline } from './timeline.ts'

/** How long after its cause a promotion may follow. */
const PROMOTION_MS = 15_000
/** How far a replica may be behind. */
const REPLICATION_MS = 1_000
/** How long a former master may accept writes after the promotion, see MOST_LAG_SECONDS in stage/sentinel-redis.ts. */
const FORMER_MASTER_MS = 8_000

/** The facts about events and faults. */
export interface Known {
  readonly checker: Checker
  readonly timeline: Timeline
  /** Milliseconds since the start. */
  readonly now: () => number
  readonly factsOf: (sequence: number) => EventFacts
  /** Infinity for an event that the consumer did not refuse. */
  readonly refusedAt: (sequence: number) => number
}

/** Records what faults destroy, and excuses the events that Spillway cannot deliver because of it. */
export class Account {
  readonly #known: Known
  readonly #excuses = new Excuses()

  constructor (known: Known) {
    this.#known = known
  }

  get damages (): readonly Damage[] { return this.#excuses.damages }

  /** The counts that the ledger is compared with. */
  get counted (): Counted {
    const { checker } = this.#known
    return {
      handled: checker.handled,
      arrivals: checker.arrivals,
      expired: checker.expired,
      damaged: this.#excuses.damagedInQueue,
      unbooked: checker.countPromised((sequence) =>
        checker.fateOf(sequence) === 'damaged' || this.mayBeForgotten(sequence))
    }
  }

  /** Milliseconds since the start. */
  now (): number { return this.#known.now() }

  /** Records that a fault flipped a bit of a stored batch with this text. */
  damage (place: Damage['place'], batchId: string, text: string): void {
    const { checker, factsOf } = this.#known
    const events = storedEvents(text).map(({ sequences, payload }) => {
      const posted = sequences.filter((sequence) => checker.isPosted(sequence))
      return posted.find((sequence) => factsOf(sequence).payload === payload) ?? posted[0]
    })
    this.#excuses.damages.push({ place, batchId, events })
    for (const sequence of events) if (sequence !== undefined) checker.excuse(sequence, 'damaged')
  }

  /** Records that a fault put Redis back to an earlier moment. */
  rollBack (rollback: Rollback): void { this.#excuses.rollbacks.push(rollback) }

  /**
   * Records that a replica was promoted: it may lack the last writes at the weakest level, and what the former
   * master accepted until it was cut off.
   */
  promote (): void {
    const { timeline } = this.#known
    const now = this.now()
    const last = timeline.all.at(-1)
    const isCause = last !== undefined && last.recoveredAtMs + PROMOTION_MS >= now
    const fromMs = (isCause ? last.beganAtMs : now - PROMOTION_MS) - REPLICATION_MS
    this.rollBack({ fromMs, toMs: now + FORMER_MASTER_MS, levels: ['queued'] })
    if (!isCause) return timeline.add('(a replica was promoted)', fromMs, now, 'rollback')
    last.risk = 'rollback'
    last.recoveredAtMs = Math.max(last.recoveredAtMs, now)
  }

  /** Excuses the open obligations that a rollback explains; to be called when the queue is empty. */
  forget (): void {
    const { checker } = this.#known
    for (const sequence of checker.open()) if (this.mayBeForgotten(sequence)) checker.excuse(sequence, 'forgotten')
  }

  /** Whether an event may be lost because Redis was put back. */
  mayBeForgotten (sequence: number): boolean {
    const { checker } = this.#known
    const level = checker.isLevelVague(sequence) ? undefined : checker.levelOf(sequence)
    return this.#excuses.mayBeForgotten(checker.acknowledgedAt(sequence), level)
  }

  /** Whether Redis may have forgotten a part of what happened to an event. */
  isForgettable (sequence: number): boolean {
    const { checker, refusedAt } = this.#known
    const moments = [
      checker.postedAt(sequence), checker.acknowledgedAt(sequence), checker.arrivedAt(sequence), refusedAt(sequence)
    ]
    return moments.some((ms) => ms > 0 && this.#excuses.isForgettable(ms))
  }

  hasRolledBackSince (ms: number): boolean { return this.#excuses.hasRolledBackSince(ms) }
}
