import { Worker, type Job, type Processor, type WorkerOptions } from 'bullmq'
import type { Redis } from 'ioredis'
import { isWriteRefusal } from '../../redis/outage.ts'
import type { BatchData } from '../batch-data.ts'
import type { BatchSettlement } from '../batch.ts'
import { QUEUE_NAME, type QueueKeys } from '../keys.ts'
import { BatchJob } from './batch-job.ts'
import { useRedisTime, useRedisTimeInWorker } from './redis-clock.ts'

const REFUSED_DELAY_MS = 100

export type BatchProcessor = (job: BatchJob, token: string) => Promise<BatchSettlement>

export type BatchWorkerOptions = Omit<WorkerOptions, 'connection' | 'prefix' | 'autorun' | 'skipVersionCheck'>

/**
 * A BullMQ worker that takes jobs as BatchJob and that its process can pause alone, at any time and repeatedly. With
 * BullMQ's own `pause` an idle worker keeps waiting: it still takes the next job, and it has consumed the marker that
 * wakes idle workers. This class leaves both to the other workers.
 */
export class BatchWorker extends Worker<BatchData, BatchSettlement> {
  readonly #redis: Redis
  readonly #marker: string

  constructor (redis: Redis, keys: QueueKeys, process: BatchProcessor, options: BatchWorkerOptions) {
    useRedisTime(redis)
    super(QUEUE_NAME, process as Processor<BatchData, BatchSettlement>, {
      ...options, connection: redis, prefix: keys.root, autorun: false, skipVersionCheck: true
    })
    this.#redis = redis
    this.#marker = keys.jobs.marker
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

  protected override async moveToActive (token: string, name?: string): Promise<Job<BatchData, BatchSettlement>> {
    if (!this.paused) return await this.#take(token, name)
    this.#wakeAnother()
    // BullMQ returns undefined for no job, although its type does not say so.
    return undefined as never
  }

  /** BullMQ takes the next job immediately after an error: as often as a Redis that refuses writes can answer. */
  async #take (token: string, name?: string): Promise<Job<BatchData, BatchSettlement>> {
    try {
      return await super.moveToActive(token, name)
    } catch (error) {
      if (isWriteRefusal(error)) await this.delay(REFUSED_DELAY_MS)
      throw error
    }
  }

  /**
   * Puts back the marker that this worker may have consumed. An extra marker only makes a worker check for work once.
   */
  #wakeAnother (): void {
    this.#redis.zadd(this.#marker, 0, '0').catch(() => {})
  }
}
