/*
 * Natural batching, a backlog per shard and priority:
 *
 *   nothing in flight      a lone event is written at the end of its turn: no timer, no added latency
 *   a write in flight      events that arrive meanwhile collect in the open batch, sent when the write returns
 *   the open batch full    sent beside the writes in flight, up to maxWritesInFlight, else it waits
 *
 * So the batch size follows the load automatically. The batcher calls back once for each event when its batch has
 * ended; a promise for each event would cost more.
 *
 * A turn is one round of the event loop: all requests that were ready at once share a batch, not only the events of one
 * body.
 */
import type { QueuedEvent } from '../event/event.ts'
import { PRIORITY_SLOTS } from '../admission/priority-class.ts'
import { newBatch, type Batch } from '../queue/batch.ts'

export interface BatcherOptions<Result> {
  maxEvents: number
  /** A batch takes no further event once it holds this many bytes. */
  maxBytes: number
  /** Returns the shard of the event with this key; any shard for an event without a key. */
  shardOf: (key: string | undefined) => number
  /** Writes of one shard and priority in progress at once. */
  maxWritesInFlight?: number
  /** Stores a batch of about this many bytes; resolves only when it is confirmed. */
  write: (batch: Batch, bytes: number) => Promise<Result>
  /** Recognizes an error that all later batches would share; the batches that wait then fail with it immediately. */
  isOutage?: (error: unknown) => boolean
}

/** The result of the write of a batch, one object for all its events. */
export type BatchEnd<Result> =
  | { readonly isStored: true, readonly result: Result }
  /** `isWritten` is false if the batch was not tried because the one before it failed. */
  | { readonly isStored: false, readonly error: unknown, readonly isWritten: boolean }

/** The data that goes with an event into its batch. */
export interface Enclosure {
  /** Size of the event as JSON, if known. */
  readonly bytes: number
  /** The digest that identifies the event in Redis. */
  readonly key?: string | undefined
  /** The posted JSON of the event, if it is stored unchanged. */
  readonly text?: string | undefined
}

interface OpenBatch<Result> {
  events: QueuedEvent[]
  /** Undefined until an event has a key. */
  keys: (string | null)[] | undefined
  /** Undefined until an event has a text. */
  texts: (string | undefined)[] | undefined
  bytes: number
  /** Callbacks for the end of the batch, one for each event. */
  readonly settles: ((end: BatchEnd<Result>) => void)[]
}

interface Backlog<Result> {
  readonly shard: number
  readonly priority: number
  /** The last batch is still open; those before it are full and wait. */
  readonly waiting: OpenBatch<Result>[]
  writesInFlight: number
  unwritten: number
}

const DEFAULT_WRITES_IN_FLIGHT = 4

export class EventBatcher<Result> {
  readonly #options: Required<BatcherOptions<Result>>
  readonly #backlogs = new Map<number, Backlog<Result>>()
  #unwritten = 0
  #unwrittenBytes = 0
  #isFlushScheduled = false
  #idle: PromiseWithResolvers<void> | undefined

  constructor (options: BatcherOptions<Result>) {
    this.#options = { maxWritesInFlight: DEFAULT_WRITES_IN_FLIGHT, isOutage: () => false, ...options }
  }

  /** Added events that are not yet confirmed or refused. */
  get unwritten (): number { return this.#unwritten }

  /** Their bytes, as far as known. */
  get unwrittenBytes (): number { return this.#unwrittenBytes }

  /** Adds an event to the next batch of its kind, and calls back when the batch is confirmed or failed. */
  add (event: QueuedEvent, { bytes, key, text }: Enclosure, settle: (end: BatchEnd<Result>) => void): void {
    const backlog = this.#backlog(this.#options.shardOf(key), event.priority)
    const batch = this.#openBatch(backlog)
    if (text !== undefined) {
      batch.texts ??= []
      batch.texts[batch.events.length] = text
    }
    if (key !== undefined || batch.keys !== undefined) {
      batch.keys ??= batch.events.map(() => null)
      batch.keys.push(key ?? null)
    }
    batch.events.push(event)
    batch.settles.push(settle)
    batch.bytes += bytes
    this.#unwritten++
    this.#unwrittenBytes += bytes
    backlog.unwritten++
    if (!this.#isFlushScheduled) {
      this.#isFlushScheduled = true
      setImmediate(this.#flushAll)
    }
  }

  /** The same by priority; slot 0 is unused. */
  get unwrittenByPriority (): number[] {
    const sums = Array.from({ length: PRIORITY_SLOTS }, () => 0)
    for (const { priority, unwritten } of this.#backlogs.values()) sums[priority] = (sums[priority] ?? 0) + unwritten
    return sums
  }

  /** Resolves when nothing is waiting or in flight. */
  async drain (): Promise<void> {
    if (this.#unwritten === 0) return
    this.#idle ??= Promise.withResolvers<void>()
    await this.#idle.promise
  }

  readonly #flushAll = (): void => {
    this.#isFlushScheduled = false
    for (const backlog of this.#backlogs.values()) this.#flush(backlog)
  }

  #backlog (shard: number, priority: number): Backlog<Result> {
    const slot = shard * PRIORITY_SLOTS + priority
    let backlog = this.#backlogs.get(slot)
    if (backlog === undefined) {
      backlog = { shard, priority, waiting: [], writesInFlight: 0, unwritten: 0 }
      this.#backlogs.set(slot, backlog)
    }
    return backlog
  }

  #openBatch (backlog: Backlog<Result>): OpenBatch<Result> {
    const last = backlog.waiting.at(-1)
    if (last !== undefined && !this.#isFull(last)) return last
    const batch: OpenBatch<Result> = { events: [], keys: undefined, texts: undefined, bytes: 0, settles: [] }
    backlog.waiting.push(batch)
    return batch
  }

  #isFull (batch: OpenBatch<Result>): boolean {
    return batch.events.length >= this.#options.maxEvents || batch.bytes >= this.#options.maxBytes
  }

  #flush (backlog: Backlog<Result>): void {
    while (backlog.waiting.length > 0 && backlog.writesInFlight < this.#options.maxWritesInFlight) {
      const next = backlog.waiting[0] as OpenBatch<Result>
      if (backlog.writesInFlight > 0 && !this.#isFull(next)) return
      backlog.waiting.shift()
      void this.#write(backlog, next)
    }
  }

  async #write (backlog: Backlog<Result>, batch: OpenBatch<Result>): Promise<void> {
    backlog.writesInFlight++
    const { shard, priority } = backlog
    const end = await this.#stored(newBatch(priority, batch.events, batch.keys, batch.texts, shard), batch.bytes)
    backlog.writesInFlight--
    if (!end.isStored && this.#options.isOutage(end.error)) this.#failWaiting(backlog, end.error)
    // Send the next batch first: Redis stores it while the events of this one are answered.
    this.#flush(backlog)
    setImmediate(() => this.#end(backlog, batch, end))
  }

  async #stored (batch: Batch, bytes: number): Promise<BatchEnd<Result>> {
    try {
      return { isStored: true, result: await this.#options.write(batch, bytes) }
    } catch (error) {
      return { isStored: false, error, isWritten: true }
    }
  }

  #failWaiting (backlog: Backlog<Result>, error: unknown): void {
    for (const batch of backlog.waiting.splice(0)) {
      this.#end(backlog, batch, { isStored: false, error, isWritten: false })
    }
  }

  #end (
    backlog: Backlog<Result>,
    { events, bytes, settles }: OpenBatch<Result>,
    end: BatchEnd<Result>
  ): void {
    backlog.unwritten -= events.length
    this.#unwritten -= events.length
    this.#unwrittenBytes -= bytes
    for (const settle of settles) settle(end)
    if (this.#unwritten > 0) return
    this.#idle?.resolve()
    this.#idle = undefined
  }
}
