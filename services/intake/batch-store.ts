import type { OnSent } from '../admission/in-transit.ts'
import { priorityClass, type PriorityClass } from '../admission/priority-class.ts'
import type { QueuedEvent } from '../event/event.ts'
import type { Batch } from '../queue/batch.ts'
import { isWithoutRoom } from '../queue/batch-addition.ts'
import type { Repeat } from '../queue/remembered.ts'
import type { StoredBatch } from './stored-batch.ts'

export interface BatchStoreOptions {
  /** Puts a batch into the queue; resolves when Redis has confirmed it. Calls `onSent` when the batch is sent. */
  queue: (batch: Batch, onSent: OnSent) => Promise<readonly Repeat[]>
  /** The same, but resolves when the batch is also on the disk of Redis. */
  sync: (batch: Batch, onSent: OnSent) => Promise<readonly Repeat[]>
  /** Writes a batch to local disk; undefined without a spool. */
  spool: ((batch: Batch) => Promise<void>) | undefined
  /** Classes that are spooled if the queue cannot accept them. */
  spoolClasses: ReadonlySet<PriorityClass>
  /** False while the queue is known to be unavailable, so waiting for it is useless. */
  isQueueThere: () => boolean
  /** The depth at which nothing is put into the queue. A batch with a lower bound is refused, as when the load is shed. */
  hardLimit: () => number
}

const NONE: StoredBatch['repeats'] = new Map()

/** Stores batches at the requested level, and on local disk if the queue cannot accept them. */
export class BatchStore {
  readonly #options: BatchStoreOptions

  constructor (options: BatchStoreOptions) {
    this.#options = options
  }

  /** @param onSent called when the batch is sent to the queue, if it is */
  async queued (batch: Batch, onSent: OnSent): Promise<StoredBatch> {
    return await this.#withFallback(
      batch,
      async () => ({ durability: 'queued', repeats: byEvent(batch, await this.#options.queue(batch, onSent)) })
    )
  }

  /** @param onSent as for `queued` */
  async synced (batch: Batch, onSent: OnSent): Promise<StoredBatch> {
    return await this.#withFallback(
      batch,
      async () => ({ durability: 'synced', repeats: byEvent(batch, await this.#options.sync(batch, onSent)) })
    )
  }

  async spooled (batch: Batch): Promise<StoredBatch> {
    await this.#options.spool?.(batch)
    return { durability: 'spooled', repeats: NONE }
  }

  /**
   * A write that timed out may still succeed: the spooled batch keeps its id, so the queue contains it once in any
   * case.
   */
  async #withFallback (batch: Batch, store: () => Promise<StoredBatch>): Promise<StoredBatch> {
    const { spool, spoolClasses, isQueueThere, hardLimit } = this.#options
    if (spool === undefined || !spoolClasses.has(priorityClass(batch.priority))) return await store()
    if (!isQueueThere())
      return await this.spooled(batch).catch(() => {
        throw new Error('the queue is unavailable, and the spool accepts nothing')
      })
    try {
      return await store()
    } catch (error) {
      if (isWithoutRoom(error) && batch.mostDepth! < hardLimit()) throw error
      // Neither accepts the batch: report the error of the queue.
      return await this.spooled(batch).catch(() => { throw error })
    }
  }
}

function byEvent ({ events }: Batch, repeats: readonly Repeat[]): StoredBatch['repeats'] {
  return repeats.length === 0 ? NONE : new Map(repeats.map((repeat) => [events[repeat.index] as QueuedEvent, repeat]))
}
