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
import { PRIORITY_SLOTS } from './keys.ts'

export interface BatcherOptions<Result> {
  maxEvents: number
  /** A batch takes no further event once it holds this many bytes. */
  maxBytes: number
  /** Writes of one priority under way at once. */
  maxWritesInFlight?: number
  /** Stores a batch; resolves only when it is confirmed. */
  write: (batch: Batch) => Promise<Result>
  /** Tells an error that the next batches would only get as well; what waits behind the failed one then fails at once with it. */
  isOutage?: (error: unknown) => boolean
  /** Told of events that have ended, stored or not, with the keys of those that have one; `isWritten` is false when `write` was never called for them. */
  onEnded?: (count: number, keys: readonly (string | null)[] | undefined, isWritten: boolean) => void
}

interface OpenBatch<Result> {
  events: QueuedEvent[]
  /** Only there once an event with a key came. */
  keys: (string | null)[] | undefined
  bytes: number
  readonly written: PromiseWithResolvers<Result>
}

interface Lane<Result> {
  readonly priority: number
  /** The last one is still open; those before it are full and wait for their turn. */
  readonly waiting: OpenBatch<Result>[]
  writesInFlight: number
  unwritten: number
  isFlushScheduled: boolean
}

const DEFAULT_WRITES_IN_FLIGHT = 4

export class EventBatcher<Result> {
  readonly #options: Required<BatcherOptions<Result>>
  readonly #lanes = new Map<number, Lane<Result>>()
  #unwritten = 0
  #idle: PromiseWithResolvers<void> | undefined

  constructor (options: BatcherOptions<Result>) {
    this.#options = { maxWritesInFlight: DEFAULT_WRITES_IN_FLIGHT, isOutage: () => false, onEnded: () => {}, ...options }
  }

  /** Events that were added and are not yet confirmed or refused. */
  get unwritten (): number { return this.#unwritten }

  /**
   * Puts an event into the next batch of its priority. Resolves when that batch is confirmed and rejects with the error of
   * its write; the promise is shared by all events of the batch.
   *
   * @param bytes size of the event as JSON, as far as it is known
   * @param key digest by which the event is remembered
   */
  add (event: QueuedEvent, bytes: number, key?: string): Promise<Result> {
    const lane = this.#lane(event.priority)
    const batch = this.#openBatch(lane)
    if (key !== undefined || batch.keys !== undefined) {
      batch.keys ??= batch.events.map(() => null)
      batch.keys.push(key ?? null)
    }
    batch.events.push(event)
    batch.bytes += bytes
    this.#unwritten++
    lane.unwritten++
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

  /** The same by priority; slot 0 is unused. */
  get unwrittenByPriority (): number[] {
    return Array.from({ length: PRIORITY_SLOTS }, (_, priority) => this.#lanes.get(priority)?.unwritten ?? 0)
  }

  /** Resolves when nothing is waiting or in flight. */
  async drain (): Promise<void> {
    if (this.#unwritten === 0) return
    this.#idle ??= Promise.withResolvers<void>()
    await this.#idle.promise
  }

  #lane (priority: number): Lane<Result> {
    let lane = this.#lanes.get(priority)
    if (lane === undefined) {
      lane = { priority, waiting: [], writesInFlight: 0, unwritten: 0, isFlushScheduled: false }
      this.#lanes.set(priority, lane)
    }
    return lane
  }

  #openBatch (lane: Lane<Result>): OpenBatch<Result> {
    const last = lane.waiting.at(-1)
    if (last !== undefined && !this.#isFull(last)) return last
    const batch: OpenBatch<Result> = { events: [], keys: undefined, bytes: 0, written: Promise.withResolvers<Result>() }
    lane.waiting.push(batch)
    return batch
  }

  #isFull (batch: OpenBatch<Result>): boolean {
    return batch.events.length >= this.#options.maxEvents || batch.bytes >= this.#options.maxBytes
  }

  #flush (lane: Lane<Result>): void {
    while (lane.waiting.length > 0 && lane.writesInFlight < this.#options.maxWritesInFlight) {
      const next = lane.waiting[0] as OpenBatch<Result>
      if (lane.writesInFlight > 0 && !this.#isFull(next)) return
      lane.waiting.shift()
      void this.#write(lane, next)
    }
  }

  async #write (lane: Lane<Result>, batch: OpenBatch<Result>): Promise<void> {
    lane.writesInFlight++
    try {
      const result = await this.#options.write(newBatch(lane.priority, batch.events, batch.keys))
      this.#end(lane, batch, true)
      batch.written.resolve(result)
    } catch (error) {
      this.#end(lane, batch, true)
      batch.written.reject(error)
      if (this.#options.isOutage(error)) this.#failWaiting(lane, error)
    }
    lane.writesInFlight--
    this.#flush(lane)
  }

  #failWaiting (lane: Lane<Result>, error: unknown): void {
    for (const batch of lane.waiting.splice(0)) {
      this.#end(lane, batch, false)
      batch.written.reject(error)
    }
  }

  #end (lane: Lane<Result>, { events, keys }: OpenBatch<Result>, isWritten: boolean): void {
    lane.unwritten -= events.length
    this.#unwritten -= events.length
    this.#options.onEnded(events.length, keys, isWritten)
    if (this.#unwritten > 0) return
    this.#idle?.resolve()
    this.#idle = undefined
  }
}
