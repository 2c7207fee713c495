import type { Redis } from 'ioredis'
import type { QueuedEvent } from '../event/event.ts'
import { withPayloadText } from '../event/event-json.ts'
import { conflictingFields } from '../event/identity-conflict.ts'
import type { ScriptCommand } from './atomic-scripts.ts'
import { BatchAddition, type Adding } from './batch-addition.ts'
import type { BatchJob } from './bullmq/batch-job.ts'
import { BatchQueue } from './bullmq/batch-queue.ts'
import { childBatch, type Batch } from './batch.ts'
import { JobRebuilder } from './bullmq/job-rebuilder.ts'
import type { QueueKeys } from './keys.ts'
import { Ledger, type LedgerOptions } from './ledger.ts'
import { LockLostError } from './lock-lost-error.ts'
import { merge } from './merged-batch.ts'
import type { Standing } from './rank.ts'
import type { Repeat } from './remembered.ts'
import { allOrInDoubt } from './unconfirmed-error.ts'

export interface EventQueueOptions extends LedgerOptions {
  /** How long a write waits for a lost connection before it fails. */
  reconnectPatienceMs?: number
}

export interface RequeueOptions {
  /** Token of the worker that has the batch in work. */
  token?: string
  /** `retry` unless none of the events was tried. */
  standing?: Standing
  /** Run the batch alone: it may be what ended its worker. */
  isStalled?: boolean
}

const NO_REPEATS: readonly Repeat[] = Object.freeze([])

/** The queue of batches in Redis: adds batches atomically and books them in the ledger. */
export class EventQueue {
  readonly #bullmq: BatchQueue
  /** The keys that it lives under. */
  readonly keys: QueueKeys
  readonly ledger: Ledger
  readonly #addition: BatchAddition
  readonly #rebuilder: JobRebuilder

  /** @param redis a connection made by connectForCommands; the queue does not close it */
  constructor (redis: Redis, keys: QueueKeys, options: EventQueueOptions, onError: (error: Error) => void) {
    this.keys = keys
    this.#bullmq = new BatchQueue(redis, keys)
    this.#bullmq.on('error', onError)
    this.ledger = new Ledger(redis, keys, options)
    this.#rebuilder = new JobRebuilder(redis, keys)
    this.#addition = new BatchAddition(redis, this.#bullmq, this.ledger, this.#rebuilder, options.reconnectPatienceMs)
    this.ledger.repair.watch([...this.#rebuilder.keys, this.ledger.watchedKey])
  }

  /**
   * Adds a batch of new events. Resolves when Redis has confirmed all of it, with those of its events that were in the queue
   * before and are not added again. When the connection breaks meanwhile it is tried once more on the next one: the batch
   * keeps its id, so a first try that did land is not repeated.
   *
   * @throws UnconfirmedError when it may have been added all the same, as a rejection
   * @param onSent called when the batch goes out: a reading that is asked for from then on, over the same connection, has it
   * @param needsSync fails with NOT_SYNCED, and stores nothing, when Redis writes no append-only file
   */
  async add (batch: Batch, onSent?: () => void, needsSync = false): Promise<readonly Repeat[]> {
    return await this.#addAll(batch, { onSent, needsSync })
  }

  /**
   * The same for events that were answered 202 before anybody could look whether their identities are known: one that
   * contradicts the event that is stored under its identity is stored beside it, since what was promised of it cannot
   * be taken back. They go before events of their priority that came after them.
   */
  async addPromised (batch: Batch, onSent?: () => void): Promise<readonly Repeat[]> {
    return await this.#addAll(batch, { isPromised: true, onSent })
  }

  /**
   * The same for several batches, which become one job; see merge. Those of them that are in the queue are not added
   * again, whatever they are merged with.
   */
  async addMerged (batches: readonly Batch[], onSent?: () => void): Promise<void> {
    const [first, ...others] = batches
    if (first === undefined) return
    if (others.length === 0) {
      await this.addPromised(first, onSent)
      return
    }
    const merger = merge(batches)
    const known = new Set<string>()
    await this.#addAll(merger.whole, { isPromised: true, onSent, merging: { merger, known } })
    if (known.size > 0) await this.addMerged(batches.filter(({ id }) => !known.has(id)))
  }

  async #addAll (batch: Batch, how: Adding): Promise<readonly Repeat[]> {
    const { isPromised = false, needsSync, merging } = how
    const found = await this.#addition.addOnce(batch, how)
    if (merging !== undefined && merging.known.size > 0) return NO_REPEATS
    const isKept = (repeat: Repeat) =>
      isPromised && conflictingFields(repeat, batch.events[repeat.index] as QueuedEvent).length > 0
    const kept = new Set(found.filter(isKept).map(({ index }) => index))
    const repeats = kept.size === 0 ? found : found.filter(({ index }) => !kept.has(index))
    if (found.length === 0 || repeats.length === batch.events.length) return repeats
    const repeated = new Set(repeats.map(({ index }) => index))
    const fresh = batch.events.flatMap((_, index) => repeated.has(index) ? [] : [index])
    // Events without a key go in a batch of their own: it is the same one whatever else of this batch is known by then.
    const groups = Object.values(
      Object.groupBy(fresh, (index) => (kept.has(index) ? 'kept' : batch.keys?.[index] == null ? 'unknown' : 'known'))
    )
    const rests = groups.map((indexes) => ({ indexes, child: this.#childOf(batch, indexes, kept) }))
    // A receipt for the promised place of an event finds here where the event went.
    await this.ledger.recordMoves(batch, rests.map(({ indexes, child }) => [child.id, indexes]))
    const more = await allOrInDoubt(rests.map(async ({ indexes, child }) =>
      (await this.#addAll(child, { isPromised, needsSync })).map((repeat) => ({ ...repeat, index: indexes[repeat.index] as number }))))
    return [...repeats, ...more.flat()]
  }

  /**
   * Puts events of a batch in work back as a batch of their own, to run after `delayMs`.
   *
   * @throws LockLostError
   */
  async requeue (
    batch: Batch, delayMs: number, parentId: string,
    { token, isStalled = false, standing = 'retry' }: RequeueOptions = {}
  ): Promise<void> {
    const before = token === undefined ? [] : [this.ledger.steps.guardOf(parentId, token)]
    const [guard] = await this.#addition.add(batch, {
      booking: 'requeued', delayMs, standing, parentId, before, isStalled
    })
    if (before.length > 0 && guard === null) throw new LockLostError(parentId)
  }

  /**
   * Adds a batch together with another step, both or neither: the script voids the batch when its events are not to be taken
   * (any more). Resolves with what the script answered.
   *
   * @param before a command of the connection of this queue
   */
  async addWith (before: ScriptCommand, batch: Batch, standing: Standing): Promise<unknown> {
    const [reply] = await this.#addition.add(batch, { booking: 'enqueued', before: [before], standing })
    return reply
  }

  /**
   * Repairs what is damaged, jobs that cannot be read among it: for who tripped over something while it took or read
   * them.
   */
  async mend (): Promise<void> {
    await this.ledger.repair.check()
    for (const damage of await this.#rebuilder.setAsideUnreadable()) this.ledger.repair.report(damage)
  }

  /** Jobs that BullMQ gave up, from the one at this index to that one, of whoever put them there. */
  async failedJobs (first: number, last: number): Promise<BatchJob[]> {
    return await this.#bullmq.getFailed(first, last) as BatchJob[]
  }

  /** Makes all workers take no further batch for this long, or for what is left of a longer pause. */
  async pauseFor (milliseconds: number): Promise<void> {
    if (await this.#bullmq.pauseLeftMs() < milliseconds) await this.#bullmq.rateLimit(Math.ceil(milliseconds))
  }

  /** Ends that pause before its time. */
  async endPause (): Promise<void> {
    await this.#bullmq.endPause()
  }

  /** Makes all workers take no further batch until they are resumed; those in work are ended. */
  async pause (): Promise<void> {
    await this.#bullmq.pause()
  }

  /** Lets all workers take batches again, whatever held them up. */
  async resume (): Promise<void> {
    await this.#bullmq.resume()
    await this.endPause()
  }

  async close (): Promise<void> {
    await this.#bullmq.close()
  }

  /** @param unkeyed indexes of events that have a key which is that of another */
  #childOf (
    { id, priority, events, keys, texts }: Batch, indexes: readonly number[], unkeyed: ReadonlySet<number>
  ): Batch {
    const own = keys && indexes.map((index) => unkeyed.has(index) ? null : keys[index] ?? null)
    const moved = indexes.map((index) => withPayloadText(events[index] as Batch['events'][number], texts?.[index]))
    return childBatch(id, priority, moved, indexes, own?.some((key) => key !== null) ? own : undefined)
  }
}
