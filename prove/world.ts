/*
 * All that the proof knows while it runs. Load, consumer and probes report to it, and it records violations that show
 * immediately.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { Account } from './account.ts'
import type { Circumstances } from './checks/delivered-event.ts'
import { shedProblem, type Thresholds } from './checks/shed.ts'
import { Calls } from './consumer/calls.ts'
import type { Delivered, Witness } from './consumer/consumer.ts'
import { inspectCall } from './consumer/inspect.ts'
import { expiryOf, factsOf, type Doom, type EventFacts } from './event/facts.ts'
import type { Origin } from './event/origin.ts'
import type { EventAnswer } from './load/answer.ts'
import { Checker } from './checker.ts'
import { Timeline } from './timeline.ts'
import { Violations } from './violations.ts'
import { Outstanding } from './watch/outstanding.ts'
import type { Recovery } from './watch/recovery.ts'

export interface WorldOptions {
  readonly seed: number
  readonly secret: string
  readonly thresholds: Thresholds
  /** Milliseconds since the start. */
  readonly now: () => number
  /** Milliseconds since 1970. */
  readonly wallClock: () => number
  /** The largest error of the clock of a process under the injected faults. */
  readonly clockToleranceMs: number
}

/** How long a fault may still show after the recovery: batches of a dead worker come back after 7 s. */
const ECHO_MS = 15_000
/** The same for a refusal that does not depend on the depth. */
const REFUSAL_ECHO_MS = 8_000

/** How much later than it was begun the consumer of the proof may read a call, unless its worker stands still. */
const DEADLINE_TOLERANCE_MS = 1_000

export class World {
  readonly checker = new Checker()
  readonly calls = new Calls()
  readonly timeline = new Timeline()
  readonly violations = new Violations()
  readonly outstanding = new Outstanding()
  /** The data that faults have destroyed. */
  readonly account: Account
  readonly shedReasons = new Map<string, number>()
  recovery: Recovery | undefined
  /** The number of the current disturbance; 0 outside of any. */
  current = 0
  readonly #options: WorldOptions
  readonly #startedAt: number
  /** Events that the consumer refused for good, by the id of their delivery. */
  readonly #refused = new Map<string, number>()
  readonly #refusedAt = new Map<number, number>()
  readonly witness: Witness

  constructor (options: WorldOptions) {
    this.#options = options
    this.#startedAt = options.wallClock() - options.now()
    this.account = new Account(this)
    this.witness = {
      inspect: (headers, body) => this.#inspect(headers, body),
      take: (events) => this.#take(events),
      ended: (call) => { this.calls.end(call, this.now()) },
      refuse: (events) => { for (const event of events) this.#refuse(event) }
    }
  }

  readonly now = (): number => this.#options.now()

  readonly factsOf = (sequence: number): EventFacts =>
    factsOf(this.#options.seed, sequence, this.checker.originOf(sequence))

  /** Whether a fault may explain something that happened between two moments. */
  isDisturbed (fromMs: number, toMs = this.now(), echoMs = ECHO_MS): boolean {
    return this.timeline.isDisturbed(fromMs, toMs, echoMs)
  }

  /** Records that events are about to be posted. */
  readonly post = (count: number, origin: Origin): number => this.checker.post(count, origin, this.current, this.now())

  /** When an event was posted, milliseconds since 1970. */
  readonly postedAt = (sequence: number): number => this.#startedAt + this.checker.postedAt(sequence)

  /** Records the result of an event in an answer. */
  readonly answer = (
    facts: EventFacts,
    { status, id, level, isLevelVague, reason = '?' }: EventAnswer,
    url: string
  ): void => {
    const { sequence, priority, ownId } = facts
    if (status === 'shed') return this.#shed(facts, reason)
    if (status === 'conflict') return
    if (ownId !== undefined && id !== undefined && id !== ownId) {
      this.violations.record('id', `event ${sequence} was answered as ${id} for ${ownId}`)
    }
    this.checker.acknowledge(
      sequence, isLevelVague === true ? undefined : level, this.now(), ownId === undefined ? id : undefined,
      facts.leftMs === undefined ? undefined : this.checker.postedAt(sequence) + facts.leftMs + DEADLINE_TOLERANCE_MS
    )
    this.#compareIds(sequence)
    // An event with a deadline may never arrive.
    if (facts.leftMs !== undefined) return
    this.recovery?.acknowledge(sequence, priority, this.checker.isHandled(sequence), url, this.now())
  }

  /** Returns the event that the consumer refused for good under this id. */
  refusedAs (id: string): number | undefined { return this.#refused.get(id) }

  readonly refusedAt = (sequence: number): number => this.#refusedAt.get(sequence) ?? Infinity

  /** Returns the events that must be dead letters: refused for good, not replayed, and never accepted. */
  expectedDeadLetters (): Set<number> {
    return new Set(
      [...this.#refusedAt.keys()].filter(
        (sequence) => this.checker.fateOf(sequence) === 'refused' && !this.checker.isHandled(sequence) &&
          !this.account.mayBeForgotten(sequence)
      )
    )
  }

  /** Records that a dead letter is about to be replayed: the consumer accepts it from now on. */
  forgive (sequence: number): void { this.checker.replay(sequence) }

  /** Checks that the answered id is the delivered one. */
  #compareIds (sequence: number): void {
    const delivered = this.checker.deliveredId(sequence)
    const answered = this.checker.answeredIds(sequence)
    // If one process spooled a key and another queued it, there were two answers, and the first queued event counts.
    if (
      delivered === undefined ||
      answered.length !== 1 ||
      answered[0] === delivered ||
      this.mayBeStoredTwice(sequence)
    ) {
      return
    }
    this.violations.record('id', `event ${sequence} was answered as ${answered[0]} and delivered as ${delivered}`)
  }

  /** Whether one process may have spooled an event that another one queued, or Redis may have forgotten the first copy. */
  mayBeStoredTwice (sequence: number): boolean {
    return this.checker.levelOf(sequence) === 'spooled' || this.checker.isLevelVague(sequence) ||
      this.account.isForgettable(sequence)
  }

  #shed ({ sequence, priority, leftMs }: EventFacts, reason: string): void {
    const now = this.now()
    this.shedReasons.set(reason, (this.shedReasons.get(reason) ?? 0) + 1)
    const problem = reason === 'would-expire' && leftMs !== undefined ? undefined : shedProblem(reason, priority, {
      mostOutstanding: this.outstanding.most(now),
      isDisturbed: this.isDisturbed(this.checker.postedAt(sequence), now, REFUSAL_ECHO_MS)
    }, this.#options.thresholds)
    if (problem !== undefined) {
      this.violations.record('shed', `event ${sequence} at ${(now / 1_000).toFixed(1)} s: ${problem}`)
    }
  }

  #inspect (headers: IncomingHttpHeaders, body: Buffer): Delivered[] {
    const { secret, wallClock, clockToleranceMs } = this.#options
    const { events, problems } = inspectCall(headers, body, {
      secret,
      nowSeconds: wallClock() / 1_000,
      toleranceSeconds: clockToleranceMs / 1_000,
      recall: (sequence) => this.#recall(sequence)
    })
    this.violations.recordAll(problems)
    return events.map(({ sequence, id, attempt }) => {
      if (sequence === undefined) return { sequence, id, doom: 'none' as const }
      this.checker.record(sequence, id, attempt)
      this.#compareIds(sequence)
      return { sequence, id, doom: this.#doomOf(sequence) }
    })
  }

  #recall (sequence: number): { facts: EventFacts, known: Circumstances } | undefined {
    const { checker } = this
    if (!checker.isPosted(sequence)) return undefined
    const { clockToleranceMs } = this.#options
    const postedAt = checker.postedAt(sequence)
    const facts = this.factsOf(sequence)
    return {
      facts,
      known: {
        answeredIds: this.mayBeStoredTwice(sequence) ? [] : checker.answeredIds(sequence),
        deliveredId: checker.deliveredId(sequence),
        attempt: checker.attemptOf(sequence),
        isDisturbed: checker.fateOf(sequence) === 'replayed' || this.isDisturbed(postedAt),
        postedAfter: this.#startedAt + postedAt - clockToleranceMs,
        postedBefore: this.#startedAt + this.now() + clockToleranceMs,
        expiresAt: expiryOf(facts, this.postedAt(sequence)),
        begunAfter: this.#startedAt + this.#begunAfter(facts)
      }
    }
  }

  /**
   * The earliest moment at which a call that arrives now may have begun. A wrong clock is no excuse: a worker judges
   * deadlines by the clock of Redis if its own disagrees with it.
   */
  #begunAfter ({ sequence, leftMs = 0 }: EventFacts): number {
    const now = this.now()
    const beganAtLatest = this.checker.postedAt(sequence) + leftMs
    return now - DEADLINE_TOLERANCE_MS - this.timeline.heldMs(beganAtLatest - DEADLINE_TOLERANCE_MS, now)
  }

  #doomOf (sequence: number): Doom {
    return this.checker.fateOf(sequence) === 'replayed' ? 'none' : this.factsOf(sequence).doom
  }

  #refuse ({ sequence, id }: Delivered): void {
    if (sequence === undefined) return
    this.checker.refuse(sequence)
    this.#refused.set(id, sequence)
    this.#refusedAt.set(sequence, this.now())
  }

  #take (events: readonly Delivered[]): number {
    const now = this.now()
    const call = this.calls.begin(events.length, now)
    for (const { sequence } of events) {
      if (sequence === undefined) continue
      this.checker.handle(sequence, call, now)
      this.recovery?.handle(sequence, now)
    }
    return call
  }
}
