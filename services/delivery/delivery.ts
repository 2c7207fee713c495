/*
 * One delivery of a batch: makes the calls that split.ts chooses, and returns an outcome for each event.
 */
import type { QueuedEvent } from '../event/event.ts'
import { hasDeadline } from '../event/expiry.ts'
import { EXPIRED, interrupted, type BatchResult, type Outcome } from '../event/outcome.ts'
import type { CallRefusal, Verdict } from './answer.ts'
import { cloudEventJson } from '../event/cloud-event.ts'
import { afterRefusal, afterSuccess, type Health, type Refusal } from './consumer-health.ts'
import { judge, putBack, SOON_MS } from './judgement.ts'
import { groupsWithin, learnSize, type SizedCall, type SizeLimit } from './size-limit.ts'
import { afterCall, endSplit, halvesOf, skipGroup, startSplit, type Group, type Split } from './split.ts'

/** The end of one call. */
export type CallResult = Verdict | { kind: 'failed', reason: string, wasConnected: boolean } | { kind: 'interrupted' } | { kind: 'overdue' }

export interface DeliveryRun {
  events: readonly QueuedEvent[]
  sizeLimit: SizeLimit | undefined
  /** No call begins later than this after the first one; the remaining events return to the queue. */
  timeoutMs: number
  /** Monotonic clock in milliseconds. */
  elapsed: () => number
  /** The health of the consumer, shared by the deliveries of this process. */
  health: { get: () => Health, set: (health: Health) => void }
  /** Whether the deadline of an event leaves no time for a call. */
  hasExpired: (event: QueuedEvent) => boolean
  call: (events: readonly QueuedEvent[], texts: readonly string[]) => Promise<CallResult>
  /** Called when the answer to the first call is recorded. */
  onAsked: () => void
}

interface RefusedCall {
  readonly group: Group
  readonly refusal: CallRefusal
  readonly startedAt: number
}

export class Delivery {
  readonly #run: DeliveryRun
  readonly #isAsking: boolean
  /** The events in the order in which they are sent; the probe is first. */
  readonly #order: readonly number[]
  readonly #texts: readonly string[]
  readonly #sizes: readonly number[]
  readonly #outcomes: Outcome[]
  readonly #calls: SizedCall[] = []
  readonly #refused: RefusedCall[] = []
  readonly #startedAt: number
  readonly #hasDeadlines: boolean
  #split: Split
  #endsPause = false
  #isRefusalNoted = false
  #wasReached = true
  #wasSent = false
  /** Whether undecided events return as one batch, since no single event is suspect. */
  #staysTogether = false

  constructor (run: DeliveryRun) {
    this.#run = run
    const { events, sizeLimit } = run
    this.#isAsking = run.health.get().state !== 'taking'
    this.#order = this.#isAsking ? leastPutOffFirst(events) : [...events.keys()]
    this.#texts = this.#order.map((index) => cloudEventJson(events[index] as QueuedEvent))
    this.#sizes =
      sizeLimit === undefined ? this.#texts.map(() => 0) : this.#texts.map((text) => Buffer.byteLength(text))
    this.#outcomes = Array.from({ length: events.length })
    this.#startedAt = run.elapsed()
    this.#hasDeadlines = events.some(hasDeadline)
    const first = this.#isAsking ? [{ from: 0, to: 1 }] : []
    this.#split = startSplit([...first, ...groupsWithin(sizeLimit, this.#sizes, first.length)])
  }

  async run (signal: AbortSignal): Promise<BatchResult> {
    const { elapsed, onAsked } = this.#run
    for (let [group] = this.#split.open; group !== undefined; [group] = this.#split.open) {
      const places = this.#placesToSend(group)
      if (places.length === 0) {
        this.#split = skipGroup(this.#split)
        continue
      }
      const startedAt = elapsed()
      const result = await this.#run.call(
        places.map((place) => this.#event(this.#order[place] as number)),
        places.map((place) => this.#texts[place] as string)
      )
      // Some events expired while the connection was made: the others are sent without them.
      if (result.kind === 'overdue') continue
      this.#wasSent = true
      if (result.kind === 'interrupted') return this.#result(interrupted(signal))
      if (result.kind === 'failed') return this.#afterFailure(group, result, startedAt)
      if (result.kind === 'decided') this.#accept(group, places, result.outcomes)
      else this.#refuse(group, result.refusal, startedAt)
      onAsked()
      if (this.#isOver()) this.#split = endSplit(this.#split)
    }
    return this.#settle()
  }

  /** The size limit after this delivery. */
  learnSize (limit: SizeLimit | undefined): SizeLimit | undefined {
    return limit === undefined && this.#refused.length === 0 ? undefined : learnSize(limit, this.#calls)
  }

  readonly #event = (index: number): QueuedEvent => this.#run.events[index] as QueuedEvent

  /** The places of a group without the events that have expired, which get their outcome. */
  #placesToSend ({ from, to }: Group): number[] {
    const places = Array.from({ length: to - from }, (_, index) => from + index)
    if (!this.#hasDeadlines) return places
    return places.filter((place) => {
      const index = this.#order[place] as number
      if (this.#run.hasExpired(this.#event(index))) this.#outcomes[index] = EXPIRED
      return this.#outcomes[index] !== EXPIRED
    })
  }

  #accept (group: Group, places: readonly number[], outcomes: readonly Outcome[]): void {
    const { health, elapsed } = this.#run
    this.#endsPause ||= health.get().state === 'failing'
    health.set(afterSuccess(elapsed()))
    for (const [position, outcome] of outcomes.entries()) {
      this.#outcomes[this.#order[places[position] as number] as number] = outcome
    }
    this.#recordCall(group, 'accepted')
    this.#split = afterCall(this.#split, true)
  }

  #refuse (group: Group, refusal: CallRefusal, startedAt: number): void {
    this.#refused.push({ group, refusal, startedAt })
    this.#recordCall(group, refusal.isAboutSize === true ? 'too-large' : 'refused')
    this.#split = afterCall(this.#split, false)
    if (!this.#isAsking) return
    this.#staysTogether = !this.#split.hasAccepted
    this.#recordRefusal()
  }

  /** Records in the health that the consumer accepted nothing; a call that is too large does not count. */
  #recordRefusal (): void {
    if (
      this.#isRefusalNoted ||
      this.#split.hasAccepted ||
      this.#refused.every(({ refusal, group }) => refusal.isAboutSize === true && group.to - group.from > 1)
    ) {
      return
    }
    this.#isRefusalNoted = true
    const waitMs = Math.max(0, ...this.#refused.map(({ refusal }) => refusal.waitMs ?? 0))
    this.#learn({ by: 'consumer', waitMs }, this.#startedAt)
  }

  #learn (refusal: Refusal, startedAt: number): void {
    const { events, health, elapsed } = this.#run
    health.set(
      afterRefusal(
        health.get(),
        refusal,
        events.map(({ id, organizationId = '' }) => `${organizationId} ${id}`),
        startedAt,
        elapsed()
      )
    )
  }

  #recordCall (group: Group, answer: SizedCall['answer']): void {
    const { sizeLimit } = this.#run
    // Lengths are counted only if needed.
    const isWanted = sizeLimit !== undefined || this.#refused.length > 0
    const bytes = isWanted
      ? this.#texts.slice(group.from, group.to).reduce((sum, text) => sum + Buffer.byteLength(text), 0)
      : 0
    this.#calls.push({ group, bytes, answer })
  }

  #isOver (): boolean {
    const { elapsed, timeoutMs, health } = this.#run
    if (elapsed() - this.#startedAt >= timeoutMs) return true
    return !this.#split.hasAccepted && health.get().state !== 'taking'
  }

  /** Only a connection that went silent may be the fault of an event; the batch then returns in halves to find it. */
  #afterFailure (
    group: Group,
    { reason: cause, wasConnected }: { reason: string, wasConnected: boolean },
    startedAt: number
  ): BatchResult {
    const reason = `delivery failed: ${cause}`
    this.#wasReached = wasConnected
    this.#learn({ by: wasConnected ? 'silence' : 'distance' }, startedAt)
    this.#run.onAsked()
    const { state } = this.#run.health.get()
    const rest = endSplit({ ...this.#split, open: this.#split.open.slice(1) })
    this.#staysTogether = !wasConnected || (this.#isAsking && !this.#split.hasAccepted)
    const groups = !this.#staysTogether && group.to - group.from > 1 ? halvesOf(group) : [group]
    if (wasConnected && group.to - group.from === 1) {
      const index = this.#order[group.from] as number
      this.#outcomes[index] = judge(
        this.#event(index), { fate: 'retry', reason }, this.#succeededSince(startedAt), state
      )
      groups.pop()
    }
    this.#split = { ...rest, unsure: [...rest.unsure, ...groups] }
    return this.#settle(reason)
  }

  #settle (reason?: string): BatchResult {
    this.#recordRefusal()
    if (!this.#wasSent) return { outcomes: this.#outcomes }
    const { state, pauseMs } = this.#run.health.get()
    for (const { index: place, isProven } of this.#split.culprits) {
      const index = this.#order[place] as number
      const { refusal, startedAt } = this.#refused.find(
        ({ group }) => group.from === place && group.to === place + 1
      ) as RefusedCall
      this.#outcomes[index] = judge(this.#event(index), refusal, isProven || this.#succeededSince(startedAt), state)
    }
    const why = reason ?? this.#refused.at(-1)?.refusal.reason ?? 'deliveries pause for the consumer'
    for (const [place, { from, to }] of this.#split.unsure.entries()) {
      // A batch without an answer returns in halves, without a delay: its innocent events have waited long enough.
      const delayMs = state === 'taking' && reason === undefined ? SOON_MS : 0
      const outcome = putBack(why, delayMs, this.#staysTogether ? 0 : place)
      for (let at = from; at < to; at++) this.#outcomes[this.#order[at] as number] ??= outcome
    }
    const isPausing = state === 'failing' && !this.#split.hasAccepted
    const isUnanswered = state !== 'taking' && !this.#split.hasAccepted && this.#wasReached
    return {
      outcomes: this.#outcomes,
      ...(isPausing && { pauseMs }),
      ...(isUnanswered && { wasRefused: true }),
      ...(this.#endsPause && { endsPause: true })
    }
  }

  #result (rest: Outcome): BatchResult {
    return {
      outcomes: this.#outcomes.map((outcome: Outcome | undefined) => outcome ?? rest),
      ...(this.#endsPause && { endsPause: true })
    }
  }

  #succeededSince (startedAt: number): boolean {
    return this.#run.health.get().succeededAt > startedAt
  }
}

/** Puts the event with the fewest deferrals first, so no event is the probe again and again. */
function leastPutOffFirst (events: readonly QueuedEvent[]): number[] {
  const times = (index: number) => events[index]?.deferrals?.count ?? 0
  const indexes = [...events.keys()]
  const first = indexes.reduce((least, index) => times(index) < times(least) ? index : least, 0)
  return [first, ...indexes.filter((index) => index !== first)]
}
