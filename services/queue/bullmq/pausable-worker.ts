import type { Job, Processor, WorkerOptions } from 'bullmq'
import type { Redis } from 'ioredis'
import type { BatchData } from '../batch-data.ts'
import { BatchWorker } from './batch-job.ts'
import type { BatchSettlement } from '../batch.ts'

/**
 * A BullMQ worker that a process can pause for itself alone, at any time and as often as it likes. BullMQ's own `pause`
 * leaves a worker that waits for work waiting: it takes the next job all the same, and it has taken the marker that
 * tells idle workers of work. This one leaves both to the other workers.
 */
export class PausableWorker extends BatchWorker {
  readonly #redis: Redis

  constructor(
    name: string,
    processor: Processor<BatchData, BatchSettlement>,
    options: WorkerOptions & { connection: Redis }
  ) {
    super(name, processor, options)
    this.#redis = options.connection
  }

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
    this.#redis.zadd(this.toKey('marker'), 0, '0').catch(() => {})
  }
}
