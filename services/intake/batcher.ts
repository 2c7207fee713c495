/*
 * Natural batching, a backlog per shard and priority, and in a fair order per group of flows:
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
import type { FairOrder } from '../organizations/fair-order.ts'
import { OpenBatches, type BatchEnd, type Enclosure, type OpenBatch } from './open-batches.ts'

export interface BatcherOptions<Result> {
  maxEvents: number
  /** A batch takes no further event once it holds this many bytes. */
  maxBytes: number
  /** Returns the shard of an event with this key, or without one. */
  shardOf: (key: string | undefined, event: QueuedEvent) => number
  /** Writes of one shard and priority in progress at once. */
  maxWritesInFlight?: number
  /** Stores a batch of about this many bytes; resolves only when it is confirmed. */
  write: (batch: Batch, bytes: number) => Promise<Result>
  /** Absent if all events of a priority share batches. */
  fairOrder?: FairOrder | undefined
  /** Recognizes an error that all later batches would share; the batches that wait then fail with it immediately. */
  isOutage?: (error: unknown) => boolean
}

interface Backlog<Result> {
  readonly shard: number
  readonly priority: number
  readonly waiting: OpenBatches<Result>
  writesInFlight: number
  unwritten: number
}

const DEFAULT_WRITES_IN_FLIGHT = 4

export class EventBatcher<Result> {
  readonly #options: Required<Omit<BatcherOptions<Result>, 'fairOrder'>> & Pick<BatcherOptions<Result>, 'fairOrder'>
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
  add (event: QueuedEvent, enclosure: Enclosure, settle: (end: BatchEnd<Result>) => void): void {
    const backlog = this.#backlog(this.#options.shardOf(enclosure.key, event), event.priority)
    backlog.waiting.add(event, enclosure, settle)
    this.#unwritten++
    this.#unwrittenBytes += enclosure.bytes
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
      const { maxEvents, maxBytes, fairOrder } = this.#options
      const waiting = new OpenBatches<Result>({ priority, maxEvents, maxBytes, fairOrder: fairOrder?.of(shard) })
      backlog = { shard, priority, waiting, writesInFlight: 0, unwritten: 0 }
      this.#backlogs.set(slot, backlog)
    }
    return backlog
  }

  #flush (backlog: Backlog<Result>): void {
    while (backlog.writesInFlight < this.#options.maxWritesInFlight) {
      const next = backlog.waiting.take()
      if (next === undefined) return
      void this.#write(backlog, next)
    }
  }

  async #write (backlog: Backlog<Result>, batch: OpenBatch<Result>): Promise<void> {
    backlog.writesInFlight++
    const { shard, priority } = backlog
    const { events, keys, texts, bytes, charges, mostDepth } = batch
    const whole = newBatch(priority, events, keys, texts, shard)
    const end = await this.#stored({
      ...whole,
      ...(charges !== undefined && { charges: [...charges.values()] }),
      ...(mostDepth < Infinity && { mostDepth })
    }, bytes)
    backlog.writesInFlight--
    backlog.waiting.written(batch)
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
    for (const batch of backlog.waiting.takeAll()) {
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
