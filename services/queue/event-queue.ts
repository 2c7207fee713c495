import { Job, Queue, type RedisQueueBackend } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Batch, BatchData } from './batch.ts'
import { KEY_PREFIX, QUEUE_NAME } from './keys.ts'
import { Ledger, type Booking } from './ledger.ts'

/** Tries that BullMQ gives a job whose processing broke for reasons of ours, not of its events (which never fail a job). */
const JOB_ATTEMPTS = 20
const JOB_BACKOFF_MS = 5_000
/** How long a write waits for a lost connection before its requests are answered 503. */
const RECONNECT_PATIENCE_MS = 500
const EVENT_STREAM_LENGTH = 1_000

/** The queue of batches in Redis: adds batches atomically and books them in the ledger. */
export class EventQueue {
  readonly bullmq: Queue<BatchData>
  readonly ledger: Ledger
  readonly #redis: Redis
  #reconnection: Promise<boolean> | undefined

  /** @param redis a connection made by connectForCommands; the queue does not close it */
  constructor (redis: Redis, onError: (error: Error) => void) {
    this.#redis = redis
    this.bullmq = new Queue<BatchData>(QUEUE_NAME, {
      connection: redis,
      prefix: KEY_PREFIX,
      // Both are needed to start while Redis is down and to work by itself once it is there.
      skipWaitingForReady: true,
      skipVersionCheck: true,
      streams: { events: { maxLen: EVENT_STREAM_LENGTH } }
    })
    this.bullmq.on('error', onError)
    this.ledger = new Ledger(redis, this.bullmq as Queue)
  }

  /**
   * Adds a batch of new events. Resolves when Redis has confirmed all of it. When the connection breaks meanwhile it is tried
   * once more on the next one: the batch keeps its id, so a first try that did land is not repeated.
   */
  async add (batch: Batch): Promise<void> {
    try {
      await this.#add(batch, 'enqueued', 0)
    } catch (error) {
      if (isReply(error) || !await this.#reconnected()) throw error
      await this.#add(batch, 'enqueued', 0)
    }
  }

  /** Puts events of a batch in work back as a batch of their own, to run after `delayMs`. */
  async requeue (batch: Batch, delayMs: number): Promise<void> {
    await this.#add(batch, 'requeued', delayMs)
  }

  /** Makes all workers take no further batch for this long. */
  async pauseFor (milliseconds: number): Promise<void> {
    await this.bullmq.rateLimit(Math.ceil(milliseconds))
  }

  async close (): Promise<void> {
    await this.bullmq.close()
  }

  async #add (batch: Batch, booking: Booking, delayMs: number): Promise<void> {
    const data: BatchData = { events: batch.events as BatchData['events'] }
    const job = new Job(this.bullmq, 'batch', data, {
      jobId: batch.id,
      priority: batch.priority,
      delay: delayMs,
      attempts: JOB_ATTEMPTS,
      backoff: { type: 'fixed', delay: JOB_BACKOFF_MS }
    }, batch.id)
    const backend = this.bullmq.getBackend() as RedisQueueBackend
    const client = await backend.client
    const json = job.asJSON()
    const { name, args } = this.ledger.bookingOf(batch, booking, delayMs > 0 ? Date.now() + delayMs : undefined)
    const transaction = client.multi()
    void backend.addJobToTransaction(transaction, json, batch.id)
    transaction.runCommand(name, [...args])
    const replies = await transaction.exec().catch((error: TransactionError) => { throw error.previousErrors?.[0] ?? error })
    const failure = replies?.find(([error]) => error !== null)?.[0]
    if (!failure) return
    if (!failure.message.startsWith('NOSCRIPT')) throw failure
    // Redis has forgotten its scripts. The client sends them again, but only outside of a transaction; the booking is still
    // made once, and should this process die in between, the next recount makes it.
    await backend.addJobToTransaction(client, json, batch.id)
    await client.runCommand(name, [...args])
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
      const timer = setTimeout(end, RECONNECT_PATIENCE_MS, false)
      this.#redis.once('ready', onReady)
    })
    return this.#reconnection
  }
}

/** A transaction that Redis discarded; why is in the errors of its commands. */
interface TransactionError extends Error {
  previousErrors?: Error[]
}

/** An error that Redis answered, such as OOM or READONLY: trying again at once would only get it again. */
export function isReply (error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError'
}
