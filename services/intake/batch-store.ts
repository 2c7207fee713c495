import { priorityClass, type PriorityClass } from '../admission/priority-class.ts'
import type { QueuedEvent } from '../event/event.ts'
import type { Batch } from '../queue/batch.ts'
import type { Repeat } from '../queue/remembered.ts'
import type { StoredBatch } from './stored-batch.ts'

export interface BatchStoreOptions {
  /** Puts a batch into the queue; resolves when Redis has confirmed it. Calls `onSent` when it goes out. */
  queue: (batch: Batch, onSent: () => void) => Promise<readonly Repeat[]>
  /** The same, when it is also on the disk of Redis. */
  sync: (batch: Batch, onSent: () => void) => Promise<readonly Repeat[]>
  /** Writes a batch to local disk; undefined where there is no spool. */
  spool: ((batch: Batch) => Promise<void>) | undefined
  /** Classes that are spooled when the queue cannot take them. */
  spoolClasses: ReadonlySet<PriorityClass>
  /** False while the queue is known to be away: there is no use in waiting for it once more. */
  isQueueThere: () => boolean
}

const NONE: StoredBatch['repeats'] = new Map()

/** Stores batches at the level that was asked for, and on local disk those that the queue should have taken and could not. */
export class BatchStore {
  readonly #options: BatchStoreOptions

  constructor (options: BatchStoreOptions) {
    this.#options = options
  }

  /** @param onSent called when the batch goes out to the queue, if it does */
  async queued (batch: Batch, onSent: () => void): Promise<StoredBatch> {
    return await this.#withFallback(batch, async () => ({ durability: 'queued', repeats: byEvent(batch, await this.#options.queue(batch, onSent)) }))
  }

  /** @param onSent as for `queued` */
  async synced (batch: Batch, onSent: () => void): Promise<StoredBatch> {
    return await this.#withFallback(batch, async () => ({ durability: 'synced', repeats: byEvent(batch, await this.#options.sync(batch, onSent)) }))
  }

  async spooled (batch: Batch): Promise<StoredBatch> {
    await this.#options.spool?.(batch)
    return { durability: 'spooled', repeats: NONE }
  }

  /** A write that timed out may still land: the spooled batch keeps its id, so it is in the queue once whatever happened. */
  async #withFallback (batch: Batch, store: () => Promise<StoredBatch>): Promise<StoredBatch> {
    const { spool, spoolClasses, isQueueThere } = this.#options
    if (spool === undefined || !spoolClasses.has(priorityClass(batch.priority))) return await store()
    if (!isQueueThere()) return await this.spooled(batch).catch(() => { throw new Error('the queue is away, and the spool takes nothing') })
    try {
      return await store()
    } catch (error) {
      // Neither takes it: what the queue said is what counts.
      return await this.spooled(batch).catch(() => { throw error })
    }
  }
}

function byEvent ({ events }: Batch, repeats: readonly Repeat[]): StoredBatch['repeats'] {
  return repeats.length === 0 ? NONE : new Map(repeats.map((repeat) => [events[repeat.index] as QueuedEvent, repeat]))
}
