import { readFileSync } from 'node:fs'
import type { JobJson, Queue, RedisQueueBackend } from 'bullmq'
import type { Redis } from 'ioredis'
import { Deadline } from '../clock/deadline.ts'
import type { QueuedEvent } from '../event/event.ts'
import { conflictingFields, type StoredIdentity } from '../event/identity-conflict.ts'
import { isReply, isUnsent } from '../redis/outage.ts'
import { AtomicScripts, type ScriptCommand } from './atomic-scripts.ts'
import { withPayloadText } from '../event/event-json.ts'
import { encodeBatch } from './batch-data.ts'
import { BatchQueue } from './batch-job.ts'
import { ageMsOf, childBatch, type Batch } from './batch.ts'
import { JobRebuilder } from './job-rebuilder.ts'
import { KEY_PREFIX, QUEUE_NAME } from './keys.ts'
import { LockLostError } from './lock-lost-error.ts'
import { merge, type Merger } from './merged-batch.ts'
import { rankOf, type Standing } from './rank.ts'
import { useRedisTime } from './redis-clock.ts'
import { decodeRemembered } from './remembered.ts'
import { Ledger, type Booking, type LedgerOptions } from './ledger.ts'
import { allOrInDoubt, UnconfirmedError } from './unconfirmed-error.ts'

/** Tries that BullMQ gives a job whose processing broke for reasons of ours, not of its events (which never fail a job). */
const JOB_ATTEMPTS = 20
const JOB_BACKOFF_MS = 5_000
/**
 * How long a write waits for a lost connection before its requests are answered 503: as long as a Redis takes that is still
 * there. One that is not refuses the next connection and ends the wait.
 */
const RECONNECT_PATIENCE_MS = 250
const EVENT_STREAM_LENGTH = 1_000
const JOB_NAME = 'batch'

/** What the error of an add says that needed an append-only file where there is none. */
export const NOT_SYNCED = 'SPILLWAY_NOT_SYNCED'

/** An event of a batch whose identity was in the queue before, and what is stored under it. */
export interface Repeat extends StoredIdentity {
  readonly index: number
}

export interface EventQueueOptions extends LedgerOptions {
  /** How long a write waits for a lost connection before it fails. */
  reconnectPatienceMs?: number
}

export interface RequeueOptions {
  /** Of the worker that has the batch in work. */
  token?: string
  /** `retry` unless none of the events was tried. */
  standing?: Standing
  /** Run the batch alone: it may be what ended its worker. */
  isStalled?: boolean
}

interface Addition {
  booking: Booking
  delayMs?: number
  standing?: Standing
  /** The batch that requeued events leave. */
  parentId?: string
  /** Whether Redis has to write an append-only file for it. */
  needsSync?: boolean | undefined
  /** Go before the add, in the same step; each voids the batch when it finds that it must not be added. */
  before?: readonly ScriptCommand[] | undefined
  /** The events waited elsewhere for this long: the batch goes before what came after them. */
  ageMs?: number | undefined
  /** Makes the batch count as one that stalled. */
  isStalled?: boolean
  /** Called when the command goes out. */
  onSent?: (() => void) | undefined
}

/** What is merged, and which of it turned out to be in the queue. */
interface Merging {
  readonly merger: Merger
  readonly known: Set<string>
}

/** How a batch is added. */
interface Adding {
  /** Its events were answered 202 before. */
  readonly isPromised?: boolean
  readonly needsSync?: boolean | undefined
  readonly onSent?: (() => void) | undefined
  readonly merging?: Merging
}

const NO_REPEATS: readonly Repeat[] = Object.freeze([])

/** The queue of batches in Redis: adds batches atomically and books them in the ledger. */
export class EventQueue {
  readonly bullmq: BatchQueue
  readonly ledger: Ledger
  readonly #redis: Redis
  readonly #scripts: AtomicScripts
  readonly #rebuilder: JobRebuilder
  readonly #reconnectPatienceMs: number
  #reconnection: Promise<boolean> | undefined

  /** @param redis a connection made by connectForCommands; the queue does not close it */
  constructor (redis: Redis, options: EventQueueOptions, onError: (error: Error) => void) {
    this.#redis = redis
    useRedisTime(redis)
    redis.defineCommand('spillwayRequireSync', { numberOfKeys: 1, lua: readFileSync(new URL('lua/require-sync.lua', import.meta.url), 'utf8') })
    this.#scripts = new AtomicScripts(redis)
    this.#reconnectPatienceMs = options.reconnectPatienceMs ?? RECONNECT_PATIENCE_MS
    this.bullmq = new BatchQueue(QUEUE_NAME, {
      connection: redis,
      prefix: KEY_PREFIX,
      // Both are needed to start while Redis is down and to work by itself once it is there.
      skipWaitingForReady: true,
      skipVersionCheck: true,
      streams: { events: { maxLen: EVENT_STREAM_LENGTH } }
    })
    this.bullmq.on('error', onError)
    this.ledger = new Ledger(redis, this.bullmq as Queue, options)
    this.#rebuilder = new JobRebuilder(redis, this.bullmq as Queue)
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
   * The same for events that were answered 202 before anybody could look whether their identities are known: one that contradicts
   * the event that is stored under its identity is stored beside it, since what was promised of it cannot be taken back. They go before
   * events of their priority that came after them.
   */
  async addPromised (batch: Batch, onSent?: () => void): Promise<readonly Repeat[]> {
    return await this.#addAll(batch, { isPromised: true, onSent })
  }

  /** The same for several batches, which become one job; see merge. Those of them that are in the queue are not added again, whatever they are merged with. */
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
    const found = await this.#addOnce(batch, how)
    if (merging !== undefined && merging.known.size > 0) return NO_REPEATS
    const isKept = (repeat: Repeat) => isPromised && conflictingFields(repeat, batch.events[repeat.index] as QueuedEvent).length > 0
    const kept = new Set(found.filter(isKept).map(({ index }) => index))
    const repeats = kept.size === 0 ? found : found.filter(({ index }) => !kept.has(index))
    if (found.length === 0 || repeats.length === batch.events.length) return repeats
    const repeated = new Set(repeats.map(({ index }) => index))
    const fresh = batch.events.flatMap((_, index) => repeated.has(index) ? [] : [index])
    // Events without a key go in a batch of their own: it is the same one whatever else of this batch is known by then.
    const groups = Object.values(Object.groupBy(fresh, (index) => kept.has(index) ? 'kept' : batch.keys?.[index] == null ? 'unknown' : 'known'))
    const rests = groups.map((indexes) => ({ indexes, child: this.#childOf(batch, indexes, kept) }))
    // Who asks for an event by the place it was promised finds here where it went.
    await this.ledger.noteMoves(batch, rests.map(({ indexes, child }) => [child.id, indexes]))
    const more = await allOrInDoubt(rests.map(async ({ indexes, child }) =>
      (await this.#addAll(child, { isPromised, needsSync })).map((repeat) => ({ ...repeat, index: indexes[repeat.index] as number }))))
    return [...repeats, ...more.flat()]
  }

  /**
   * Puts events of a batch in work back as a batch of their own, to run after `delayMs`.
   *
   * @throws LockLostError
   */
  async requeue (batch: Batch, delayMs: number, parentId: string, { token, isStalled = false, standing = 'retry' }: RequeueOptions = {}): Promise<void> {
    const before = token === undefined ? [] : [this.ledger.guardOf(parentId, token)]
    const [guard] = await this.#add(batch, { booking: 'requeued', delayMs, standing, parentId, before, isStalled })
    if (before.length > 0 && guard === null) throw new LockLostError(parentId)
  }

  /**
   * Adds a batch together with another step, both or neither: the script voids the batch when its events are not to be taken
   * (any more). Resolves with what the script answered.
   *
   * @param before a command of the connection of this queue
   */
  async addWith (before: ScriptCommand, batch: Batch, standing: Standing): Promise<unknown> {
    const [reply] = await this.#add(batch, { booking: 'enqueued', before: [before], standing })
    return reply
  }

  /** Repairs what is damaged, jobs that cannot be read among it: for who tripped over something while it took or read them. */
  async mend (): Promise<void> {
    await this.ledger.repair.check()
    for (const damage of await this.#rebuilder.setAsideUnreadable()) this.ledger.repair.report(damage)
  }

  /** Makes all workers take no further batch for this long, or for what is left of a longer pause. */
  async pauseFor (milliseconds: number): Promise<void> {
    if (await this.#pauseLeftMs() < milliseconds) await this.bullmq.rateLimit(Math.ceil(milliseconds))
  }

  /** Ends the pause of all workers before its time. BullMQ keeps it over restarts, and a resume does not end it. */
  async endPause (): Promise<void> {
    if (await this.#pauseLeftMs() > 0) await this.bullmq.removeRateLimitKey()
  }

  /** Makes all workers take no further batch until they are resumed; those in work are ended. */
  async pause (): Promise<void> {
    await this.bullmq.pause()
  }

  /** Lets all workers take batches again, whatever held them up. */
  async resume (): Promise<void> {
    await this.bullmq.resume()
    await this.endPause()
  }

  async close (): Promise<void> {
    await this.bullmq.close()
  }

  /** BullMQ counts jobs under the same key; only a pause sets it to the highest number there is. */
  async #pauseLeftMs (): Promise<number> {
    return Math.max(0, await this.bullmq.getRateLimitTtl(Number.MAX_SAFE_INTEGER))
  }

  /** @param unkeyed indexes of events that have a key which is that of another */
  #childOf ({ id, priority, events, keys, texts }: Batch, indexes: readonly number[], unkeyed: ReadonlySet<number>): Batch {
    const own = keys && indexes.map((index) => unkeyed.has(index) ? null : keys[index] ?? null)
    const moved = indexes.map((index) => withPayloadText(events[index] as Batch['events'][number], texts?.[index]))
    return childBatch(id, priority, moved, indexes, own?.some((key) => key !== null) ? own : undefined)
  }

  async #addOnce (batch: Batch, { isPromised = false, onSent, needsSync, merging }: Adding): Promise<readonly Repeat[]> {
    const remembering = this.ledger.rememberingOf(batch)
    const absorbing = merging && this.ledger.absorbingOf(merging.merger, remembering !== undefined)
    const addition: Addition = { booking: 'enqueued', before: [remembering, absorbing].filter((command) => command !== undefined), onSent, needsSync, ageMs: isPromised ? ageMsOf(batch, Date.now()) : undefined }
    let replies: unknown[]
    try {
      replies = await this.#add(batch, addition)
    } catch (error) {
      if (isReply(error)) throw error
      const mayBeAdded = !isUnsent(error)
      if (!await this.#reconnected()) throw mayBeAdded ? new UnconfirmedError(error) : error
      replies = await this.#add(batch, addition).catch((second: unknown) => {
        throw mayBeAdded || !(isReply(second) || isUnsent(second)) ? new UnconfirmedError(second) : second
      })
    }
    for (const id of absorbing === undefined ? [] : replies.at(-1) as string[]) merging?.known.add(id)
    const reply = remembering === undefined ? undefined : replies[0]
    return Array.isArray(reply) && reply.length > 0 ? decodeRepeats(reply) : NO_REPEATS
  }

  /** Adds a batch and books it, in one step with what goes before; resolves with what each of that answered. */
  async #add (batch: Batch, { booking, delayMs = 0, standing = 'first', parentId, before = [], isStalled = false, ageMs, onSent, needsSync = false }: Addition): Promise<unknown[]> {
    const rank = rankOf(batch.priority, standing)
    const add = await this.#addingOf(batch, rank, delayMs)
    const count = this.ledger.bookingOf(batch, booking, delayMs, parentId)
    const check = needsSync ? [{ name: 'spillwayRequireSync', args: [this.bullmq.toKey(batch.id), NOT_SYNCED] }] : []
    const place = ageMs === undefined ? [] : [this.ledger.placingOf(batch, rank, ageMs)]
    const mark = isStalled ? [this.ledger.markingOf(batch)] : []
    const replies = await this.ledger.repair.guard(() => {
      const added = this.#scripts.run([...check, ...before, add, count, ...place, ...mark])
      onSent?.()
      return added
    }, () => this.#rebuilder.takeBack(batch.id))
    return replies.slice(check.length, check.length + before.length)
  }

  /** What BullMQ would send to add the batch as a job. */
  async #addingOf (batch: Batch, rank: number, delayMs: number): Promise<ScriptCommand> {
    const job = {
      id: batch.id,
      name: JOB_NAME,
      data: encodeBatch(batch),
      opts: { priority: rank, delay: delayMs, attempts: JOB_ATTEMPTS, backoff: { type: 'fixed', delay: JOB_BACKOFF_MS } },
      // Its place only: the script takes the time from Redis.
      timestamp: 0
    }
    const backend = this.bullmq.getBackend() as RedisQueueBackend
    // Its scripts are commands of the connection from then on.
    await backend.client
    let command: ScriptCommand | undefined
    const recorder = { runCommand: (name: string, args: ScriptCommand['args']) => { command = { name, args } } }
    void backend.addJobToTransaction(recorder as unknown as Awaited<typeof backend.client>, job as JobJson, batch.id)
    return command as unknown as ScriptCommand
  }

  /** Waits a moment for the connection to come back; false when it does not, or was never gone and Redis hangs. All writes wait as one. */
  #reconnected (): Promise<boolean> {
    // One that breaks is called ready until its end is seen.
    if (this.#redis.status === 'ready' && this.#redis.stream.writable) return Promise.resolve(false)
    this.#reconnection ??= new Promise((resolve) => {
      // The end of the connection that broke may not have been told yet; that of the next one counts.
      let isTrying = this.#redis.status === 'connecting' || this.#redis.status === 'connect'
      const listeners = {
        connecting: () => { isTrying = true },
        ready: () => end(true),
        close: () => { if (isTrying) end(false) },
        end: () => end(false)
      }
      const end = (isBack: boolean) => {
        patience.clear()
        for (const [name, listener] of Object.entries(listeners)) this.#redis.removeListener(name, listener)
        this.#reconnection = undefined
        resolve(isBack)
      }
      const patience = new Deadline(this.#reconnectPatienceMs, () => end(false))
      for (const [name, listener] of Object.entries(listeners)) this.#redis.on(name, listener)
    })
    return this.#reconnection
  }
}

/** From the index of each, and what is remembered of it. */
function decodeRepeats (reply: readonly string[]): Repeat[] {
  return Array.from({ length: reply.length / 2 }, (_, position) => {
    const { id, priority, typeDigest } = decodeRemembered(reply[position * 2 + 1] as string)
    return { index: Number(reply[position * 2]), id, priority, typeDigest }
  })
}
