/*
 * Takes batches from the queue and runs them. What has to follow from a batch (retries, dead letters) is written before the
 * batch counts as finished, under ids that derive from it: a worker killed in between leaves the batch to another one, which
 * writes the same things again without doubling them. So every event is handled at least once, and exactly once without crashes.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { UnrecoverableError, type Job, type Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import type { DeadLetterStore } from '../services/dead-letters/dead-letter-store.ts'
import type { QueuedEvent } from '../services/event/event.ts'
import type { Outcome } from '../services/event/outcome.ts'
import type { BatchData } from '../services/queue/batch-data.ts'
import { eventsOfJob, type BatchJob } from '../services/queue/batch-job.ts'
import { childBatch, parseBatchId, type BatchSettlement, type Move } from '../services/queue/batch.ts'
import type { EventQueue } from '../services/queue/event-queue.ts'
import { KEY_PREFIX, QUEUE_NAME } from '../services/queue/keys.ts'
import { standingOf } from '../services/queue/rank.ts'
import type { HoldReason } from '../services/queue/reading.ts'
import { useRedisTime, useRedisTimeInWorker } from '../services/queue/redis-clock.ts'
import { isDamage } from '../services/queue/repair.ts'
import type { SampledEventLog } from '../services/logging/sampled-event-log.ts'
import { traceIdFields } from '../services/logging/trace-ids.ts'
import type { Tracing } from '../services/tracing/tracing.ts'
import { afterAttempt, sortOutcomes } from './batch-outcome.ts'
import type { BatchRunner } from './batch-runner.ts'
import { PausableWorker } from './pausable-worker.ts'

/** A worker that dies is noticed after the lock and one check: its batches run elsewhere within about 7 s. */
const LOCK_DURATION_MS = 5_000
const STALLED_INTERVAL_MS = 2_000

/** A batch that took its worker down this often is given up and its events are dead-lettered. */
const MAX_STALLED_COUNT = 5
const FETCH_RETRY_DELAY_MS = 500

/** Results that BullMQ did not take and that wait for their batch to come back; beyond this many the oldest goes. */
const MOST_KEPT_RESULTS = 1_000
const WRITE_RETRY_DELAY_MS = 250

/**
 * What a job holds once it was worked on. BullMQ keeps jobs until Redis has their results; without their events the garbage
 * collector has much less to move, which is a good part of what a worker without handlers does.
 */
const WORKED_OFF: Pick<BatchJob, 'data' | 'text'> = Object.freeze({ data: Object.freeze({ events: [] }), text: '' })

/** What became of a batch that has no events any more, as one that was settled before and turned up again. */
const NOTHING: BatchSettlement = Object.freeze({ done: 0, dead: 0, requeued: 0 })

/** How long a stop waits for Redis when nothing is in work. */
const IDLE_STOP_MS = 1_000

export interface EventWorkerOptions {
  /** A connection made by connectForWorker. */
  connection: Redis
  queue: EventQueue
  deadLetters: DeadLetterStore
  runner: BatchRunner
  /** Batches in work at once. */
  concurrency: number
  maxAttempts: number
  backoffBaseMs: number
  random: () => number
  tracing: Tracing
  /** Told how each attempt of an event that belongs to a trace ended. */
  sampledEvents: SampledEventLog
  log: Logger
  onError: (error: Error) => void
  /** Told of every batch that ended, for metrics. Counts of events. */
  onBatch: (counts: BatchSettlement) => void
  /** Told why the worker takes no batch, each time that changes; of nothing when it takes batches again. */
  onHolds?: ((holds: readonly HoldReason[]) => void) | undefined
}

export class EventWorker {
  readonly #options: EventWorkerOptions
  readonly #worker: PausableWorker
  readonly #stopping = new AbortController()
  /**
   * Runs by batch, kept until BullMQ has their result. A hang of Redis can cost a lock and bring a batch back to the very
   * process that is working on it: it joins the run that is there.
   */
  readonly #runs = new Map<string, Promise<BatchSettlement>>()
  readonly #holds = new Set<HoldReason>()
  #activeRuns = 0
  #isStarted = false
  #isDraining = false

  constructor (options: EventWorkerOptions) {
    this.#options = options
    useRedisTime(options.connection)
    this.#worker = new PausableWorker(QUEUE_NAME, (job) => this.#process(job), {
      connection: options.connection,
      prefix: KEY_PREFIX,
      concurrency: options.concurrency,
      autorun: false,
      lockDuration: LOCK_DURATION_MS,
      stalledInterval: STALLED_INTERVAL_MS,
      maxStalledCount: MAX_STALLED_COUNT,
      runRetryDelay: FETCH_RETRY_DELAY_MS,
      // Never reached; without a limiter BullMQ does not look at the pause that a busy consumer asks for.
      limiter: { max: Number.MAX_SAFE_INTEGER, duration: 1_000 },
      skipVersionCheck: true
    })
    useRedisTimeInWorker(this.#worker as Worker)
    this.#worker.on('error', (error) => this.#note(error))
    this.#worker.on('failed', (job, error) => {
      const traces = Array.isArray(job?.data.events) ? traceIdFields(job.data.events) : {}
      options.log.error({ event: 'batch-failed', batch: job?.id, ...traces, err: error, attempts: job?.attemptsMade }, 'a batch broke off as a whole and is run again')
    })
    this.#worker.on('completed', ({ id }) => { this.#runs.delete(id as string) })
  }

  /** Begins to take batches unless the worker is held. Waits for Redis by itself when it is not there yet. */
  start (): void {
    this.#isStarted = true
    if (this.#holds.size === 0) void this.#worker.run()
  }

  /**
   * Keeps this worker, and no other one, from taking batches until the reason is released. Batches in work are ended; one that
   * Redis is about to hand over with the end of another is still run. Does nothing while the reason is on.
   */
  hold (reason: HoldReason): void {
    if (this.#holds.has(reason)) return
    this.#holds.add(reason)
    if (this.#isStarted && this.#holds.size === 1) void this.#worker.pause(true)
    this.#options.onHolds?.([...this.#holds])
  }

  /** Ends a hold; the worker takes batches again once no reason is left. Does nothing when the reason is not on. */
  release (reason: HoldReason): void {
    if (!this.#holds.delete(reason)) return
    if (this.#isStarted && this.#holds.size === 0 && !this.#isDraining) void (this.#worker.isPaused() ? this.#worker.resume() : this.#worker.run())
    this.#options.onHolds?.([...this.#holds])
  }

  /**
   * Takes no further batch and ends those in work: handlers that take one event at a time stop between events and the rest of
   * the batch goes back to the queue. At the deadline whatever still runs is aborted. Resolves when nothing runs any more.
   */
  async stop (deadlineMs: number): Promise<void> {
    this.#isDraining = true
    const abort = setTimeout(() => this.#stopping.abort(new Error('the worker is stopping')), deadlineMs * ABORT_SHARE)
    const giveUp = Promise.withResolvers<void>()
    // What is given up here stalls and is run again by another worker. With nothing in work only Redis can be holding it up.
    const force = setTimeout(() => giveUp.resolve(), this.#activeRuns === 0 ? Math.min(deadlineMs, IDLE_STOP_MS) : deadlineMs)
    await Promise.race([this.#worker.close(), giveUp.promise])
    clearTimeout(abort)
    clearTimeout(force)
  }

  /** A job that cannot be read would come back for ever. */
  #note (problem: Error): void {
    const { queue, onError } = this.#options
    onError(problem)
    if (problem instanceof SyntaxError || isDamage(problem)) void queue.mend().catch(onError)
  }

  async #process (job: Job<BatchData, BatchSettlement>): Promise<BatchSettlement> {
    const id = job.id as string
    const present = this.#runs.get(id)
    if (present !== undefined) return present
    const run = this.#run(id, job)
    this.#remember(id, run)
    this.#activeRuns++
    try {
      const settlement = await run
      Object.assign(job, WORKED_OFF)
      return settlement
    } catch (error) {
      this.#runs.delete(id)
      throw error
    } finally {
      this.#activeRuns--
    }
  }

  #remember (id: string, run: Promise<BatchSettlement>): void {
    this.#runs.set(id, run)
    const [oldest] = this.#runs.keys()
    if (oldest !== undefined && this.#runs.size > this.#options.concurrency + MOST_KEPT_RESULTS) this.#runs.delete(oldest)
  }

  async #run (id: string, job: Job<BatchData, BatchSettlement>): Promise<BatchSettlement> {
    const { queue, deadLetters, runner, maxAttempts, backoffBaseMs, random, tracing, sampledEvents, log, onError, onBatch } = this.#options
    const batch = parseBatchId(id)
    if (batch === undefined) throw new UnrecoverableError('not a batch of events')
    if (!Array.isArray(job.data.events)) {
      log.warn({ event: 'batch-without-events', batch: id }, 'a batch came up without its events: it was settled before, and ends again without effect')
      return NOTHING
    }
    const events = eventsOfJob(job)
    const spans = tracing.startProcess(events)
    const { outcomes, pauseMs } = await runner.run(events, this.#stopping.signal, () => this.#isDraining)
    const endOf = (index: number) => afterAttempt(events[index] as QueuedEvent, outcomes[index] as Outcome, maxAttempts)
    spans?.end(endOf)
    const outcome = sortOutcomes(events, outcomes, { maxAttempts, backoffBaseMs, random: random() })
    const moves: Move[] = []
    for (const requeue of outcome.requeues) {
      const child = childBatch(id, batch.priority, requeue.events, requeue.indexes)
      // What a stopping worker did not begin waits where its batch did.
      const standing = requeue.isRetry ? 'retry' : standingOf(job.opts.priority ?? 0)
      await this.#untilStored(() => queue.requeue(child, requeue.delayMs, id, standing))
      moves.push([child.id, requeue.indexes])
    }
    if (outcome.deadLetters.length > 0) await this.#untilStored(() => deadLetters.add(id, outcome.deadLetters))
    const [first] = outcome.deadLetters
    if (first !== undefined) {
      const { reason, attempts, event } = first.letter
      const { reason: error } = outcomes[first.index] as Exclude<Outcome, { status: 'done' }>
      const traces = traceIdFields(outcome.deadLetters.map(({ letter }) => letter.event))
      log.warn({ event: 'dead-letters', batch: id, ...traces, count: outcome.deadLetters.length, first: { id: event.id, type: event.type, attempts, reason, error } }, 'events of a batch became dead letters')
    }
    if (pauseMs > 0) await queue.pauseFor(pauseMs).catch(onError)
    const settlement: BatchSettlement = {
      done: outcome.done,
      dead: outcome.deadLetters.length,
      requeued: events.length - outcome.done - outcome.deadLetters.length,
      ...(outcome.deadLetters.length > 0 && { deadIndexes: outcome.deadLetters.map(({ index }) => index) }),
      ...(moves.length > 0 && { moves })
    }
    for (const [index, event] of events.entries()) {
      if (event.trace !== undefined) sampledEvents.handled(event, endOf(index))
    }
    onBatch(settlement)
    return settlement
  }

  /** Repeats a write until it is done: to fail here would run the whole batch again. The ids make repeats harmless. */
  async #untilStored (write: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await write()
      } catch (error) {
        if (this.#stopping.signal.aborted) throw error
        this.#options.onError(error as Error)
        await wait(WRITE_RETRY_DELAY_MS)
      }
    }
  }
}

/** Share of the deadline after which handlers are aborted; the rest is for putting their events back. */
const ABORT_SHARE = 0.7
