import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { DeadLetterStore } from '../services/dead-letters/dead-letter-store.ts'
import type { QueuedEvent } from '../services/event/event.ts'
import { EXPIRED, type Outcome } from '../services/event/outcome.ts'
import type { SampledEventLog } from '../services/logging/sampled-event-log.ts'
import { traceIdFields } from '../services/logging/trace-ids.ts'
import { childBatch, parseBatchId, type BatchSettlement, type Move } from '../services/queue/batch.ts'
import type { Shards } from '../services/queue/shards.ts'
import { LockLostError } from '../services/queue/lock-lost-error.ts'
import { rankOf, type Standing } from '../services/queue/rank.ts'
import { afterAttempt, sortOutcomes, type AttemptLimits, type BatchOutcome } from './batch-outcome.ts'

const WRITE_RETRY_DELAY_MS = 250

/** The outcomes of a batch, before any of them is written. */
export interface HandledBatch {
  readonly events: readonly QueuedEvent[]
  readonly outcomes: readonly Outcome[]
  readonly pauseMs: number
  readonly wasRefused: boolean
  readonly endsPause: boolean
  /** When the worker took it, in milliseconds of the clock of Redis. */
  readonly takenAtMs: number
  /** How the batch entered the queue. */
  readonly standing: Standing
  /** The batch stalled and did not run: the parts that go back to the queue run alone. */
  readonly isSuspect?: boolean
  /** Instead of running, the batch goes back to the queue in parts of this many events. */
  readonly partSize?: number
}

/** A batch of no events, which has no consequences. */
export function emptyBatch (): HandledBatch {
  return { events: [], outcomes: [], pauseMs: 0, wasRefused: false, endsPause: false, takenAtMs: 0, standing: 'first' }
}

export interface SettlerOptions {
  queue: Shards
  deadLetters: DeadLetterStore
  limits: AttemptLimits
  backoffBaseMs: number
  /** The clock that decides deadlines, in milliseconds since 1970. */
  now: () => number
  random: () => number
  sampledEvents: SampledEventLog
  log: Logger
  onError: (error: Error) => void
  /** Aborted when writes must no longer be repeated. */
  signal: AbortSignal
}

/**
 * Writes the consequences of a batch under ids that derive from it, while the worker has its lock: a worker that stood
 * still must not requeue events that another has already delivered.
 */
export class BatchSettler {
  readonly #options: SettlerOptions
  /** The rank of the last refused batch, while the consumer refuses everything. */
  #refusedRank: number | undefined

  constructor (options: SettlerOptions) {
    this.#options = options
  }

  /** @throws LockLostError if the batch is no longer this worker's */
  async settle (id: string, token: string, handled: HandledBatch): Promise<BatchSettlement> {
    const { queue, deadLetters, limits, sampledEvents, onError } = this.#options
    const { events, outcomes, pauseMs, endsPause, takenAtMs, isSuspect: isStalled = false } = handled
    // A worker that stood still has outdated facts about the consumer and about its batch.
    if ((pauseMs > 0 || endsPause) && !await this.untilStored(() => queue.of(id).hasLock(id, token)))
      throw new LockLostError(id)
    // The pause comes first: events that are requeued during it have to wait in the queue, where they count as depth.
    if (pauseMs > 0) await queue.pauseFor(pauseMs).catch(onError)
    else if (endsPause) await queue.endPause().catch(onError)
    const priority = parseBatchId(id)?.priority ?? 0
    const outcome = this.#sort(handled)
    if (handled.wasRefused) this.#refusedRank = rankOf(priority, handled.standing)
    else if (endsPause || outcome.done > 0) this.#refusedRank = undefined
    const moves: Move[] = []
    for (const requeue of outcome.requeues) {
      const child = childBatch(id, priority, requeue.events, requeue.indexes)
      // Events that a stopping worker did not begin keep the place of their batch.
      const standing = requeue.isRetry ? 'retry' : handled.standing
      await this.untilStored(() => queue.requeue(child, requeue.delayMs, id, { token, isStalled, standing }))
      moves.push([child.id, requeue.indexes])
    }
    // Otherwise events that the consumer refuses for good, and that rank first, would be used for every try. Each
    // requeued batch passes the turn to the next rank, since the batch itself may be the cause.
    if (this.#refusedRank !== undefined && outcome.requeues.length > 0)
      await queue.passTurn(this.#refusedRank).catch(onError)
    if (outcome.deadLetters.length > 0) {
      await this.untilStored(() =>
        deadLetters.add(id, outcome.deadLetters, token)
      )
      this.#logDeadLetters(id, outcome, outcomes)
    }
    for (const [index, event] of events.entries()) {
      if (event.trace === undefined) continue
      const ended = afterAttempt(event, outcomes[index] as Outcome, limits, takenAtMs)
      sampledEvents.handled(event, outcome.expired.includes(index) ? EXPIRED : ended)
    }
    return {
      done: outcome.done,
      dead: outcome.deadLetters.length,
      requeued: events.length - outcome.done - outcome.deadLetters.length - outcome.expired.length,
      ...(outcome.expired.length > 0 && { expired: outcome.expired.length, expiredIndexes: outcome.expired }),
      ...(outcome.deadLetters.length > 0 && { deadIndexes: outcome.deadLetters.map(({ index }) => index) }),
      ...(moves.length > 0 && { moves })
    }
  }

  /** Repeats a write until it succeeds: a failure would run the whole batch again. The ids make repeats harmless. */
  async untilStored<T> (write: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await write()
      } catch (error) {
        if (error instanceof LockLostError || this.#options.signal.aborted) throw error
        this.#options.onError(error as Error)
        await wait(WRITE_RETRY_DELAY_MS)
      }
    }
  }

  #sort ({ events, outcomes, partSize, takenAtMs }: HandledBatch): BatchOutcome {
    const { limits, backoffBaseMs, random, now: trustedNow } = this.#options
    if (partSize === undefined) {
      return sortOutcomes(events, outcomes, { ...limits, backoffBaseMs, random: random(), now: takenAtMs, trustedNow })
    }
    const requeues = Array.from({ length: Math.ceil(events.length / partSize) }, (_, part) => {
      const first = part * partSize
      const own = events.slice(first, first + partSize)
      return { delayMs: 0, isRetry: false, events: own, indexes: own.map((_event, index) => first + index) }
    })
    return { done: 0, requeues, deadLetters: [], expired: [] }
  }

  #logDeadLetters (id: string, { deadLetters }: BatchOutcome, outcomes: readonly Outcome[]): void {
    const [first] = deadLetters
    if (first === undefined) return
    const { reason, attempts, event } = first.deadLetter
    const { reason: error } = outcomes[first.index] as Exclude<Outcome, { status: 'done' }>
    const traces = traceIdFields(deadLetters.map(({ deadLetter }) => deadLetter.event))
    const shown = { id: event.id, type: event.type, attempts, reason, error }
    this.#options.log.warn(
      { event: 'dead-letters', batch: id, ...traces, count: deadLetters.length, first: shown },
      'events of a batch became dead letters'
    )
  }
}
