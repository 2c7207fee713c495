import { Worker, type Job, type Processor, type WorkerOptions } from 'bullmq'
import type { Redis } from 'ioredis'
import type { BatchData } from '../batch-data.ts'
import type { BatchSettlement } from '../batch.ts'
import { QUEUE_NAME, type QueueKeys } from '../keys.ts'
import { BatchJob } from './batch-job.ts'
import { useRedisTime, useRedisTimeInWorker } from './redis-clock.ts'

export type BatchProcessor = (job: BatchJob, token: string) => Promise<BatchSettlement>

export type BatchWorkerOptions = Omit<WorkerOptions, 'connection' | 'prefix' | 'autorun' | 'skipVersionCheck'>

/**
 * A BullMQ worker of batches, which takes jobs as BatchJob and that a process can pause for itself alone, at any time and as often as it likes. BullMQ's own `pause`
 * leaves a worker that waits for work waiting: it takes the next job all the same, and it has taken the marker that
 * tells idle workers of work. This one leaves both to the other workers.
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
      // A resume that comes while the loop ends finds the worker still running and does not start it again.
    } while (!this.paused && this.closing === undefined && !this.running)
  }

  protected override async moveToActive (token: string, name?: string): Promise<Job<BatchData, BatchSettlement>> {
    if (!this.paused) return await super.moveToActive(token, name)
    this.#wakeAnother()
    // BullMQ's own type does not say so, but this is its answer for no job.
    return undefined as never
  }

  /** Puts back the marker that this worker may have taken. One too many makes a worker look for work once. */
  #wakeAnother (): void {
    this.#redis.zadd(this.#marker, 0, '0').catch(() => {})
  }
}
