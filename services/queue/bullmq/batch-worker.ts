import { Worker, type Job, type Processor, type WorkerListener, type WorkerOptions } from 'bullmq'
import type { Redis } from 'ioredis'
import { isWriteRefusal } from '../../redis/outage.ts'
import type { BatchData } from '../batch-data.ts'
import type { BatchSettlement } from '../batch.ts'
import { QUEUE_NAME, type QueueKeys } from '../keys.ts'
import { BatchJob } from './batch-job.ts'
import { useRedisTime, useRedisTimeInWorker } from './redis-clock.ts'
import type { SlotSeat } from './worker-slots.ts'

const REFUSED_DELAY_MS = 100

export type BatchProcessor = (job: BatchJob, token: string) => Promise<BatchSettlement>

export type BatchWorkerOptions = Omit<WorkerOptions, 'connection' | 'prefix' | 'autorun' | 'skipVersionCheck'>

export type BatchWorkerListener = WorkerListener<BatchData, BatchSettlement>

/** Private fields of BullMQ. */
interface Loop {
  /** While it is set, the loop goes on with the batches that it has. */
  waiting: Promise<unknown> | null
  /** Whether the queue was empty; then the loop waits for a marker. */
  drained: boolean
}

/**
 * A BullMQ worker that takes jobs as BatchJob and that its process can pause alone, at any time and repeatedly. With
 * BullMQ's own `pause` an idle worker keeps waiting: it still takes the next job, and it has consumed the marker that
 * wakes idle workers. This class leaves both to the other workers.
 *
 * It takes jobs only with a slot of its process, which the workers of all shards share. A slot belongs to the token of a
 * fetch, which BullMQ hands on to the next job that it fetches with the end of one.
 */
export class BatchWorker extends Worker<BatchData, BatchSettlement> {
  readonly #redis: Redis
  readonly #marker: string
  readonly #seat: SlotSeat
  readonly #slotted = new Set<string>()

  constructor (
    redis: Redis, keys: QueueKeys, seat: SlotSeat, process: BatchProcessor, options: BatchWorkerOptions
  ) {
    useRedisTime(redis)
    const processThenLook: BatchProcessor = async (job, token) => {
      const settlement = await process(job, token)
      await seat.lookAround()
      return settlement
    }
    super(QUEUE_NAME, processThenLook as Processor<BatchData, BatchSettlement>, {
      ...options, connection: redis, prefix: keys.root, autorun: false, skipVersionCheck: true
    })
    this.#redis = redis
    this.#marker = keys.jobs.marker
    this.#seat = seat
    useRedisTimeInWorker(this as Worker)
  }

  protected override get Job (): typeof Job { return BatchJob as typeof Job }

  /** Takes jobs until the worker is paused or closed. Errors are emitted. */
  override async run (): Promise<void> {
    do {
      try {
        await super.run()
      } catch (error) {
        this.emit('error', error as Error)
        return
      }
      if (this.paused && this.closing === undefined) this.#wakeAnother()
      // A resume while the loop ends sees a running worker and does not start it again.
    } while (!this.paused && this.closing === undefined && !this.running)
  }

  override async pause (doNotWaitActive?: boolean): Promise<void> {
    const paused = super.pause(doNotWaitActive)
    this.#seat.cancel()
    await paused
  }

  override async close (force?: boolean): Promise<void> {
    const closed = super.close(force)
    this.#seat.leave()
    await closed
  }

  protected override async moveToActive (token: string, name?: string): Promise<Job<BatchData, BatchSettlement>> {
    const hasSlot = this.#slotted.has(token) || (!this.paused && await this.#slotFor(token))
    if (!hasSlot || this.paused) {
      this.#giveBack(token)
      this.#wakeAnother()
      // BullMQ returns undefined for no job, although its type does not say so.
      return undefined as never
    }
    try {
      const job = await super.moveToActive(token, name)
      if (job === undefined) this.#giveBack(token)
      return job
    } catch (error) {
      this.#giveBack(token)
      // BullMQ takes the next job immediately after an error: as often as a Redis that refuses writes can answer.
      if (isWriteRefusal(error)) await this.delay(REFUSED_DELAY_MS)
      throw error
    }
  }

  override async processJob (
    job: Job<BatchData, BatchSettlement>, token: string, fetchNext: () => boolean = () => true
  ): Promise<void | Job<BatchData, BatchSettlement>> {
    let isDeclined = false
    const next = await super.processJob(job, token, () => {
      if (!fetchNext()) return false
      isDeclined = !this.#seat.mayKeep()
      return !isDeclined
    })
    // BullMQ takes an end without a next batch for an empty queue.
    if (isDeclined) this.#loop.drained = false
    if (next === undefined) this.#giveBack(token)
    return next
  }

  get #loop (): Loop { return this as unknown as Loop }

  /** Returns false if the worker was paused or closed before it got a slot. */
  async #slotFor (token: string): Promise<boolean> {
    if (this.closing !== undefined) return false
    const taken = this.#seat.take()
    if (taken !== true) {
      const wasWaiting = this.#loop.waiting
      this.#loop.waiting ??= taken
      const isGranted = await taken
      if (wasWaiting === null) this.#loop.waiting = null
      if (!isGranted) return false
    }
    this.#slotted.add(token)
    return true
  }

  #giveBack (token: string): void {
    if (this.#slotted.delete(token)) this.#seat.give()
  }

  /**
   * Puts back the marker that this worker may have consumed. An extra marker only makes a worker check for work once.
   */
  #wakeAnother (): void {
    this.#redis.zadd(this.#marker, 0, '0').catch(() => {})
  }
}
