/*
 * Takes batches from the queue and runs them. It writes the consequences of a batch (retries, dead letters) before the
 * batch counts as finished, under ids that derive from it. If the worker dies in between, another one takes the batch
 * and writes the same records again without duplicates. Every event is handled at least once, and exactly once unless
 * something crashes.
 */
import { WaitingError } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import type { QueuedEvent } from '../services/event/event.ts'
import type { DeadLetterStore } from '../services/dead-letters/dead-letter-store.ts'
import type { BatchJob } from '../services/queue/bullmq/batch-job.ts'
import type { BatchSettlement } from '../services/queue/batch.ts'
import type { Shards } from '../services/queue/shards.ts'
import type { ShardWorkers } from '../services/queue/shard-workers.ts'
import { LockLostError } from '../services/queue/lock-lost-error.ts'
import type { HoldReason } from '../services/fleet/member.ts'
import { DamagedBatchError } from '../services/queue/damaged-batch-error.ts'
import { isUnreadable } from '../services/queue/repair.ts'
import type { SampledEventLog } from '../services/logging/sampled-event-log.ts'
import { traceIdFields } from '../services/logging/trace-ids.ts'
import type { Tracing } from '../services/tracing/tracing.ts'
import { BatchHandling } from './batch-handling.ts'
import type { AttemptLimits } from './batch-outcome.ts'
import type { BatchRunner } from './batch-runner.ts'
import { BatchSettler, emptyBatch, type HandledBatch } from './batch-settler.ts'
import { RunMemory, type Run } from './run-memory.ts'

/** The death of a worker shows after its lock has expired and one check: its batches run elsewhere within about 7 s. */
const LOCK_DURATION_MS = 5_000
const STALLED_INTERVAL_MS = 2_000

/** Only a last resort: stalls do not show which of several batches ended the worker. */
const MAX_STALLED_COUNT = 100
const FETCH_RETRY_DELAY_MS = 500

/** How often a worker checks whether the pause of all workers has ended early. */
const PAUSE_CHECK_MS = 250

/**
 * The data that a spent job keeps. BullMQ holds jobs until Redis has their results; without events the garbage
 * collector has less to move.
 */
const SPENT_JOB: Pick<BatchJob, 'data' | 'text'> = Object.freeze({ data: Object.freeze({ events: [] }), text: '' })

/** Replaces a handled batch after its settlement is written. */
const NOTHING: Promise<HandledBatch> = Promise.resolve(emptyBatch())

/** Share of the deadline after which handlers are aborted; the rest is for requeueing their events. */
const ABORT_SHARE = 0.7

/** How long a stop waits for Redis if no batch is running. */
const IDLE_STOP_MS = 1_000

export interface EventWorkerOptions {
  /** Returns a connection made by connectForWorker for a shard; it may be the same for all. */
  connectionOf: (shard: number) => Redis
  queue: Shards
  deadLetters: DeadLetterStore
  runner: BatchRunner
  /** Batches that run at once. */
  concurrency: number
  limits: AttemptLimits
  backoffBaseMs: number
  random: () => number
  /** The clock that decides deadlines, in milliseconds since 1970. */
  now: () => number
  /** How long a silent worker keeps its batches, and how often workers look for such batches. */
  lockMs?: number
  stalledCheckMs?: number
  tracing: Tracing
  /** Receives the outcome of each attempt of an event with a trace. */
  sampledEvents: SampledEventLog
  log: Logger
  onError: (error: Error) => void
  /** Called with every settled batch, for metrics and statements. */
  onBatch: (counts: BatchSettlement, events: readonly QueuedEvent[]) => void
  /** Called with the types of events that handlers have worked on, and for how long they did. */
  onWorked?: (types: readonly string[], elapsedMs: number) => void
}

export class EventWorker {
  readonly #options: EventWorkerOptions
  readonly #worker: ShardWorkers
  readonly #stopping = new AbortController()
  readonly #runs: RunMemory
  readonly #settler: BatchSettler
  readonly #handling: BatchHandling
  #lockTrouble: NodeJS.Timeout | undefined
  readonly #holds = new Set<HoldReason>()
  #activeRuns = 0
  #isStarted = false
  #isDraining = false

  constructor (options: EventWorkerOptions) {
    this.#options = options
    this.#runs = new RunMemory(options.concurrency)
    this.#settler = new BatchSettler({ ...options, signal: this.#stopping.signal })
    this.#handling = new BatchHandling({
      ...options,
      signal: this.#stopping.signal,
      isDraining: () => this.#isDraining,
      beginAlone: (id, token) => this.#settler.untilStored(() => options.queue.of(id).beginAlone(id, token)),
      onAlone: () => this.#pauseOrResume()
    })
    this.#worker = options.queue.openWorker(options.connectionOf, (job, token) => this.#process(job, token), {
      concurrency: options.concurrency,
      lockDuration: options.lockMs ?? LOCK_DURATION_MS,
      stalledInterval: options.stalledCheckMs ?? STALLED_INTERVAL_MS,
      maxStalledCount: MAX_STALLED_COUNT,
      runRetryDelay: FETCH_RETRY_DELAY_MS,
      // Never reached, but without a limiter BullMQ ignores the pause for a failing consumer.
      limiter: { max: Number.MAX_SAFE_INTEGER, duration: 1_000 },
      maximumRateLimitDelay: PAUSE_CHECK_MS
    })
    this.#worker.on('error', (error) => this.#record(error))
    this.#worker.on('failed', (job, error) => {
      const traces = Array.isArray(job?.data.events) ? traceIdFields(job.data.events) : {}
      options.log.error(
        { event: 'batch-failed', batch: job?.id, ...traces, err: error, attempts: job?.attemptsMade },
        'a batch failed as a whole and runs again'
      )
    })
    this.#worker.on('lockRenewalFailed', (ids) => this.#recordLockTrouble(ids))
    this.#worker.on('completed', ({ id }) => { this.#runs.delete(id as string) })
  }

  /** Begins to take batches unless the worker is held. Waits until Redis is reachable. */
  start (): void {
    this.#isStarted = true
    this.#pauseOrResume()
  }

  /** The reasons why the worker takes no batch; empty while it takes some. */
  get holds (): readonly HoldReason[] { return [...this.#holds] }

  /**
   * Keeps only this worker from taking batches until the reason is released. Running batches go on, and a batch that
   * Redis is already handing over still runs.
   */
  hold (reason: HoldReason): void {
    if (this.#holds.has(reason)) return
    this.#holds.add(reason)
    this.#pauseOrResume()
  }

  /** Releases a reason; the worker takes batches again once none is left. Does nothing for an unknown reason. */
  release (reason: HoldReason): void {
    if (!this.#holds.delete(reason)) return
    this.#pauseOrResume()
  }

  /**
   * Takes no further batch and ends the running ones: events that have not begun go back to the queue. Aborts the rest
   * near the deadline. Resolves when nothing runs.
   */
  async stop (deadlineMs: number): Promise<void> {
    this.#isDraining = true
    clearTimeout(this.#lockTrouble)
    const abort = setTimeout(() => this.#stopping.abort(new Error('the worker is stopping')), deadlineMs * ABORT_SHARE)
    const giveUp = Promise.withResolvers<void>()
    // A batch that is given up here stalls, and another worker runs it again. If no batch is running, only Redis can
    // delay the stop.
    const force = setTimeout(
      () => giveUp.resolve(),
      this.#activeRuns === 0 ? Math.min(deadlineMs, IDLE_STOP_MS) : deadlineMs
    )
    await Promise.race([this.#worker.close(), giveUp.promise])
    clearTimeout(abort)
    clearTimeout(force)
  }

  /** Records a problem. Mends the queue after an unreadable job, which would otherwise come back for ever. */
  #record (problem: Error): void {
    const { queue, onError } = this.#options
    onError(problem)
    if (isUnreadable(problem)) void queue.mend().catch(onError)
  }

  async #process (job: BatchJob, token: string): Promise<BatchSettlement> {
    const id = job.id as string
    const run = this.#runs.get(id) ?? this.#begin(id, job, token)
    this.#activeRuns++
    try {
      const handled = await run.handled
      run.isHandled = true
      const settlement = run.settlement ?? await this.#settler.settle(id, token, handled)
      if (run.settlement === undefined) this.#options.onBatch(settlement, handled.events)
      run.settlement = settlement
      run.handled = NOTHING
      Object.assign(job, SPENT_JOB)
      this.#runs.found(id)
      return settlement
    } catch (error) {
      if (run.isHandled && error instanceof LockLostError) this.#runs.keepLost(id)
      else this.#runs.delete(id)
      if (error instanceof DamagedBatchError) await this.#setAside(error)
      if (!(error instanceof LockLostError)) throw error
      this.#takeBackAlone(id, run)
      this.#options.log.warn(
        { event: 'batch-lost', batch: id },
        'this process stood still, or Redis was out of reach, until the lock of a batch expired: another worker ' +
        'has the ' +
        'batch now and writes its outcome'
      )
      // On this error BullMQ leaves the job alone.
      throw new WaitingError(error.message)
    } finally {
      this.#activeRuns--
    }
  }

  /** Takes a damaged batch out of the queue. If that fails, the batch stalls, and another run tries again. */
  async #setAside ({ message }: DamagedBatchError): Promise<never> {
    const { queue, onError } = this.#options
    await queue.mend().catch(onError)
    // On this error BullMQ leaves the job alone.
    throw new WaitingError(message)
  }

  #begin (id: string, job: BatchJob, token: string): Run {
    // If this worker could not renew its own locks either, the batch stalled because of Redis, not because of an event.
    const isSuspect = job.stalledCounter > 0 && this.#lockTrouble === undefined
    const handled = isSuspect ? this.#handling.handleAlone(id, job, token) : this.#handling.handle(id, job)
    const run: Run = { handled, isAlone: isSuspect }
    this.#runs.add(id, run)
    return run
  }

  /** Clears a batch of suspicion: its lock was lost while this process lives, so it does not end workers. */
  #takeBackAlone (id: string, run: Run | undefined): void {
    if (run?.isAlone !== true) return
    run.isAlone = false
    void this.#options.queue.of(id).endAlone(id).catch(this.#options.onError)
  }

  #pauseOrResume (): void {
    if (!this.#isStarted || this.#isDraining) return
    const isHeld = this.#holds.size > 0 || this.#handling.isAlone
    if (isHeld && !this.#worker.isPaused()) void this.#worker.pause(true)
    else if (!isHeld && this.#worker.isPaused()) void this.#worker.resume()
    else if (!isHeld && !this.#worker.isRunning()) void this.#worker.run()
  }

  /** Records that locks could not be renewed, until the batches lost with them have come back. */
  #recordLockTrouble (ids: readonly string[]): void {
    for (const id of ids) this.#takeBackAlone(id, this.#runs.get(id))
    clearTimeout(this.#lockTrouble)
    this.#lockTrouble = setTimeout(() => { this.#lockTrouble = undefined }, LOCK_DURATION_MS + 2 * STALLED_INTERVAL_MS)
    this.#lockTrouble.unref()
  }
}
