import type { JobJson, Queue, RedisQueueBackend } from 'bullmq'
import type { Redis } from 'ioredis'
import { isReply } from '../redis/outage.ts'
import { AtomicScripts, type ScriptCommand } from './atomic-scripts.ts'
import { withPayloadText } from '../event/event-json.ts'
import { encodeBatch } from './batch-data.ts'
import { BatchQueue } from './batch-job.ts'
import { childBatch, type Batch } from './batch.ts'
import { KEY_PREFIX, QUEUE_NAME } from './keys.ts'
import { Ledger, type Booking, type LedgerOptions } from './ledger.ts'

/** Tries that BullMQ gives a job whose processing broke for reasons of ours, not of its events (which never fail a job). */
const JOB_ATTEMPTS = 20
const JOB_BACKOFF_MS = 5_000
/** How long a write waits for a lost connection before its requests are answered 503: as long as a Redis takes that is still there. */
const RECONNECT_PATIENCE_MS = 40
const EVENT_STREAM_LENGTH = 1_000
const JOB_NAME = 'batch'

/** An event of a batch that was in the queue before, and the id that its producer was answered then. */
export interface Repeat {
  readonly index: number
  readonly id: string
}

export interface EventQueueOptions extends LedgerOptions {
  /** How long a write waits for a lost connection before it fails. */
  reconnectPatienceMs?: number
}

interface Addition {
  booking: Booking
  delayMs?: number
  /** The batch that requeued events leave. */
  parentId?: string
  /** Goes before the add, in the same step; voids the batch when it finds that it must not be added. */
  before?: ScriptCommand | undefined
  /** Called when the command goes out. */
  onSent?: (() => void) | undefined
}

const NO_REPEATS: readonly Repeat[] = Object.freeze([])

/** The queue of batches in Redis: adds batches atomically and books them in the ledger. */
export class EventQueue {
  readonly bullmq: BatchQueue
  readonly ledger: Ledger
  readonly #redis: Redis
  readonly #scripts: AtomicScripts
  readonly #reconnectPatienceMs: number
  #reconnection: Promise<boolean> | undefined

  /** @param redis a connection made by connectForCommands; the queue does not close it */
  constructor (redis: Redis, options: EventQueueOptions, onError: (error: Error) => void) {
    this.#redis = redis
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
  }

  /**
   * Adds a batch of new events. Resolves when Redis has confirmed all of it, with those of its events that were in the queue
   * before and are not added again. When the connection breaks meanwhile it is tried once more on the next one: the batch
   * keeps its id, so a first try that did land is not repeated.
   *
   * @param onSent called when the batch goes out: a reading that is asked for from then on, over the same connection, has it
   */
  async add (batch: Batch, onSent?: () => void): Promise<readonly Repeat[]> {
    const repeats = await this.#addOnce(batch, onSent)
    if (repeats.length === 0 || repeats.length === batch.events.length) return repeats
    const repeated = new Set(repeats.map(({ index }) => index))
    const fresh = batch.events.flatMap((_, index) => repeated.has(index) ? [] : [index])
    // Events without a key go in a batch of their own: it is the same one whatever else of this batch is known by then.
    const groups = Object.values(Object.groupBy(fresh, (index) => batch.keys?.[index] == null ? 'unknown' : 'known'))
    const rests = groups.map((indexes) => ({ indexes, child: this.#childOf(batch, indexes) }))
    // Who asks for an event by the place it was promised finds here where it went.
    await this.ledger.noteMoves(batch.id, rests.map(({ indexes, child }) => [child.id, indexes]))
    const more = await Promise.all(rests.map(async ({ indexes, child }) =>
      (await this.add(child)).map(({ index, id }) => ({ index: indexes[index] as number, id }))))
    return [...repeats, ...more.flat()]
  }

  /** Puts events of a batch in work back as a batch of their own, to run after `delayMs`. */
  async requeue (batch: Batch, delayMs: number, parentId: string): Promise<void> {
    await this.#add(batch, { booking: 'requeued', delayMs, parentId })
  }

  /**
   * Adds a batch together with another step, both or neither: the script voids the batch when its events are not to be taken
   * (any more). Resolves with what the script answered.
   *
   * @param before a command of the connection of this queue
   */
  async addWith (before: ScriptCommand, batch: Batch): Promise<unknown> {
    return await this.#add(batch, { booking: 'enqueued', before })
  }

  /** Makes all workers take no further batch for this long. */
  async pauseFor (milliseconds: number): Promise<void> {
    await this.bullmq.rateLimit(Math.ceil(milliseconds))
  }

  /** Makes all workers take no further batch until they are resumed; those in work are ended. */
  async pause (): Promise<void> {
    await this.bullmq.pause()
  }

  /** Lets all workers take batches again. */
  async resume (): Promise<void> {
    await this.bullmq.resume()
  }

  async close (): Promise<void> {
    await this.bullmq.close()
  }

  #childOf ({ id, priority, events, keys, texts }: Batch, indexes: readonly number[]): Batch {
    const own = keys && indexes.map((index) => keys[index] ?? null)
    const moved = indexes.map((index) => withPayloadText(events[index] as Batch['events'][number], texts?.[index]))
    return childBatch(id, priority, moved, indexes, own?.some((key) => key !== null) ? own : undefined)
  }

  async #addOnce (batch: Batch, onSent?: () => void): Promise<readonly Repeat[]> {
    const addition: Addition = { booking: 'enqueued', before: this.ledger.rememberingOf(batch), onSent }
    let reply: unknown
    try {
      reply = await this.#add(batch, addition)
    } catch (error) {
      if (isReply(error) || !await this.#reconnected()) throw error
      reply = await this.#add(batch, addition)
    }
    return Array.isArray(reply) && reply.length > 0 ? decodeRepeats(reply) : NO_REPEATS
  }

  /** Adds a batch and books it, in one step with what goes before; resolves with what that answered. */
  async #add (batch: Batch, { booking, delayMs = 0, parentId, before, onSent }: Addition): Promise<unknown> {
    const add = await this.#addingOf(batch, delayMs)
    const count = this.ledger.bookingOf(batch, booking, delayMs > 0 ? Date.now() + delayMs : undefined, parentId)
    const added = this.#scripts.run(before === undefined ? [add, count] : [before, add, count])
    onSent?.()
    const [reply] = await added
    return before === undefined ? undefined : reply
  }

  /** What BullMQ would send to add the batch as a job. */
  async #addingOf (batch: Batch, delayMs: number): Promise<ScriptCommand> {
    const job = {
      id: batch.id,
      name: JOB_NAME,
      data: encodeBatch(batch),
      opts: { priority: batch.priority, delay: delayMs, attempts: JOB_ATTEMPTS, backoff: { type: 'fixed', delay: JOB_BACKOFF_MS } },
      timestamp: Date.now()
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
    if (this.#redis.status === 'ready') return Promise.resolve(false)
    this.#reconnection ??= new Promise((resolve) => {
      const end = (isBack: boolean) => {
        clearTimeout(timer)
        this.#redis.removeListener('ready', onReady)
        this.#reconnection = undefined
        resolve(isBack)
      }
      const onReady = () => end(true)
      const timer = setTimeout(end, this.#reconnectPatienceMs, false)
      this.#redis.once('ready', onReady)
    })
    return this.#reconnection
  }
}

/** Index and remembered place of each, where the place stands before the id that was answered if that was another. */
function decodeRepeats (reply: readonly string[]): Repeat[] {
  return Array.from({ length: reply.length / 2 }, (_, position) => {
    const remembered = reply[position * 2 + 1] as string
    return { index: Number(reply[position * 2]), id: remembered.slice(remembered.indexOf(' ') + 1) }
  })
}
