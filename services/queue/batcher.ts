/*
 * Natural batching, a lane per priority:
 *
 *   nothing in flight      a lone event is written at once, no timer, no added latency
 *   a write in flight      events that arrive meanwhile collect in the open batch; it goes when the write returns
 *   the open batch full    it goes beside the writes in flight, up to maxWritesInFlight, then waits its turn
 *
 * So the batch size follows the load by itself. All events of a batch share one promise, which resolves when Redis confirmed.
 */
import type { QueuedEvent } from '../event/event.ts'
import { newBatch, type Batch } from './batch.ts'

export interface BatcherOptions {
  maxEvents: number
  /** A batch takes no further event once it holds this many bytes. */
  maxBytes: number
  /** Writes of one priority under way at once. */
  maxWritesInFlight?: number
  /** Stores a batch; resolves only when it is confirmed. */
  write: (batch: Batch) => Promise<void>
  /** Tells an error that the next batches would only get as well; what waits behind the failed one then fails at once with it. */
  isOutage?: (error: unknown) => boolean
  /** Told how many events have ended, stored or not. */
  onEnded?: (count: number) => void
}

interface OpenBatch {
  events: QueuedEvent[]
  bytes: number
  readonly written: PromiseWithResolvers<void>
}

interface Lane {
  readonly priority: number
  /** The last one is still open; those before it are full and wait for their turn. */
  readonly waiting: OpenBatch[]
  writesInFlight: number
  isFlushScheduled: boolean
}

const DEFAULT_WRITES_IN_FLIGHT = 4

export class EventBatcher {
  readonly #options: Required<BatcherOptions>
  readonly #lanes = new Map<number, Lane>()
  #unwritten = 0
  #idle: PromiseWithResolvers<void> | undefined

  constructor (options: BatcherOptions) {
    this.#options = { maxWritesInFlight: DEFAULT_WRITES_IN_FLIGHT, isOutage: () => false, onEnded: () => {}, ...options }
  }

  /** Events that were added and are not yet confirmed or refused. */
  get unwritten (): number { return this.#unwritten }

  /**
   * Puts an event into the next batch of its priority. Resolves when that batch is confirmed and rejects with the error of
   * its write; the promise is shared by all events of the batch.
   */
  add (event: QueuedEvent, bytes: number): Promise<void> {
    const lane = this.#lane(event.priority)
    const batch = this.#openBatch(lane)
    batch.events.push(event)
    batch.bytes += bytes
    this.#unwritten++
    if (!lane.isFlushScheduled) {
      lane.isFlushScheduled = true
      // After the current turn, so that the events of one request body share a batch.
      queueMicrotask(() => {
        lane.isFlushScheduled = false
        this.#flush(lane)
      })
    }
    return batch.written.promise
  }

  /** Resolves when nothing is waiting or in flight. */
  async drain (): Promise<void> {
    if (this.#unwritten === 0) return
    this.#idle ??= Promise.withResolvers<void>()
    await this.#idle.promise
  }

  #lane (priority: number): Lane {
    let lane = this.#lanes.get(priority)
    if (lane === undefined) {
      lane = { priority, waiting: [], writesInFlight: 0, isFlushScheduled: false }
      this.#lanes.set(priority, lane)
    }
    return lane
  }

  #openBatch (lane: Lane): OpenBatch {
    const last = lane.waiting.at(-1)
    if (last !== undefined && !this.#isFull(last)) return last
    const batch: OpenBatch = { events: [], bytes: 0, written: Promise.withResolvers<void>() }
    lane.waiting.push(batch)
    return batch
  }

  #isFull (batch: OpenBatch): boolean {
    return batch.events.length >= this.#options.maxEvents || batch.bytes >= this.#options.maxBytes
  }

  #flush (lane: Lane): void {
    while (lane.waiting.length > 0 && lane.writesInFlight < this.#options.maxWritesInFlight) {
      const next = lane.waiting[0] as OpenBatch
      if (lane.writesInFlight > 0 && !this.#isFull(next)) return
      lane.waiting.shift()
      void this.#write(lane, next)
    }
  }

  async #write (lane: Lane, { events, written }: OpenBatch): Promise<void> {
    lane.writesInFlight++
    try {
      await this.#options.write(newBatch(lane.priority, events))
      this.#end(events.length)
      written.resolve()
    } catch (error) {
      this.#end(events.length)
      written.reject(error)
      if (this.#options.isOutage(error)) this.#failWaiting(lane, error)
    }
    lane.writesInFlight--
    this.#flush(lane)
  }

  #failWaiting (lane: Lane, error: unknown): void {
    for (const { events, written } of lane.waiting.splice(0)) {
      this.#end(events.length)
      written.reject(error)
    }
  }

  #end (count: number): void {
    this.#unwritten -= count
    this.#options.onEnded(count)
    if (this.#unwritten > 0) return
    this.#idle?.resolve()
    this.#idle = undefined
  }
}
