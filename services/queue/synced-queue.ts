import type { Redis } from 'ioredis'
import type { OnSent } from '../admission/in-transit.ts'
import { FSYNC_PATIENCE_MS } from '../redis/connection.ts'
import { isReply } from '../redis/outage.ts'
import type { Batch } from './batch.ts'
import { NOT_SYNCED } from './batch-addition.ts'
import type { Repeat } from './remembered.ts'
import type { Shards } from './shards.ts'
import { UnconfirmedError } from './unconfirmed-error.ts'

/** The first version of Redis with WAITAOF, which waits until a write is on disk. */
const WAITAOF_VERSION = [7, 2] as const

/** How a write reaches the disk of Redis: before the answer, with a separate wait, or without a way to know. */
type Fsync = 'always' | 'waitaof' | 'unsupported'

export interface SyncedQueueOptions {
  /** The shared queue, for a Redis that syncs every write. */
  queue: Shards
  redis: Redis
  /**
   * Opens a queue on connections of its own, since waiting for the disk blocks a connection. Called once, at first use.
   */
  open: () => {
    queue: Shards
    /** Returns the connections that these batches are written on. */
    connectionsOf: (batches: readonly Batch[]) => ReadonlySet<Redis>
    close: () => Promise<void>
  }
  /** Milliseconds, of any clock that does not go back. */
  now: () => number
  /** Replicas of Redis that must have a batch, too. */
  replicas?: number
}

/**
 * The settings of Redis may change at any time. A result is trusted for this long; from half of it on, it is refreshed
 * in the background, so no request waits for it under load.
 */
const TRUSTED_MS = 2_000

/** Thrown if Redis cannot tell when a write is on its disk. */
export class SyncUnsupportedError extends Error {
  readonly code = 'sync-unsupported'
}

/** Adds batches and waits until they are on the disk of Redis. */
export class SyncedQueue {
  readonly #options: SyncedQueueOptions
  #own: ReturnType<SyncedQueueOptions['open']> | undefined
  #ownConnections = 0
  readonly #watched = new WeakSet<Redis>()
  #known: { fsync: Fsync, at: number } | undefined
  #detection: Promise<Fsync> | undefined

  constructor (options: SyncedQueueOptions) {
    this.#options = options
    // A reconnection may lead to another server.
    options.redis.on('close', () => { this.#known = undefined })
  }

  /** Whether this Redis can promise that; true while it is unreachable, since the write will fail anyway. */
  async isSupported (): Promise<boolean> {
    return await this.#fsync().catch(() => 'always') !== 'unsupported'
  }

  /**
   * Resolves when the batch is on disk, and on the replicas; otherwise the same as Shards.add.
   *
   * @throws SyncUnsupportedError if Redis cannot promise that; then nothing is stored
   */
  async add (batch: Batch, onSent?: OnSent): Promise<readonly Repeat[]> {
    const fsync = await this.#fsync()
    if (fsync === 'unsupported') throw unsupported()
    const { replicas = 0 } = this.#options
    if (fsync === 'always' && replicas === 0) return await this.#addIfSynced(this.#options.queue, batch, onSent)
    return await this.#confirmed(
      [batch],
      (queue) => this.#addIfSynced(queue, batch, onSent),
      (redis) => fsync === 'always' ? untilReplicated(redis, replicas) : untilOnDisks(redis, replicas)
    )
  }

  /**
   * Adds batches of the spool as Shards.addMerged does, and waits for the replicas that must have synced events: these
   * events survived the loss of Redis until now. If it rejects, a further call does no harm.
   */
  async addMerged (...args: Parameters<Shards['addMerged']>): Promise<void> {
    const { queue, replicas = 0 } = this.#options
    if (replicas === 0) return await queue.addMerged(...args)
    await this.#confirmed(args[0], (own) => own.addMerged(...args), (redis) => untilReplicated(redis, replicas))
  }

  /** Writes batches on the own connections of their shards and waits there. */
  async #confirmed<Result> (
    batches: readonly Batch[], write: (queue: Shards) => Promise<Result>, wait: (redis: Redis) => Promise<void>
  ): Promise<Result> {
    this.#own ??= this.#options.open()
    const { queue, connectionsOf } = this.#own
    const connections = connectionsOf(batches)
    for (const redis of connections) this.#watch(redis)
    const connection = this.#ownConnections
    const result = await write(queue)
    try {
      await Promise.all([...connections].map((redis) => wait(redis)))
      // Redis knows no write of an earlier connection, and confirms it without waiting.
      if (connection !== this.#ownConnections) throw new Error('the connection broke before the batch was confirmed')
    } catch (error) {
      throw new UnconfirmedError(error)
    }
    return result
  }

  #watch (redis: Redis): void {
    if (this.#watched.has(redis)) return
    this.#watched.add(redis)
    redis.on('close', () => { this.#ownConnections++ })
  }

  async close (): Promise<void> {
    await this.#own?.close()
  }

  /** The step that adds the batch also checks that Redis still writes an append-only file. */
  async #addIfSynced (queue: Shards, batch: Batch, onSent?: OnSent): Promise<readonly Repeat[]> {
    try {
      return await queue.add(batch, onSent, true)
    } catch (error) {
      if (!isReply(error) || !(error as Error).message.includes(NOT_SYNCED)) throw error
      this.#known = undefined
      throw unsupported()
    }
  }

  async #fsync (): Promise<Fsync> {
    const ageMs = this.#known === undefined ? Infinity : this.#options.now() - this.#known.at
    if (ageMs > TRUSTED_MS) return await this.#detect()
    // A caller that needs the result gets the error.
    if (ageMs > TRUSTED_MS / 2) this.#detect().catch(() => {})
    return (this.#known as { fsync: Fsync }).fsync
  }

  #detect (): Promise<Fsync> {
    this.#detection ??= this.#ask().finally(() => { this.#detection = undefined })
    return this.#detection
  }

  async #ask (): Promise<Fsync> {
    const { redis, now } = this.#options
    const at = now()
    const fsync = await detectFsync(redis)
    this.#known = { fsync, at }
    return fsync
  }
}

/** Waits for the writes of a connection to be in the memory of replicas. Redis itself syncs every write. */
async function untilReplicated (redis: Redis, replicas: number): Promise<void> {
  const reached = await redis.wait(replicas, FSYNC_PATIENCE_MS)
  if (reached < replicas) throw new Error(`on ${reached} of ${replicas} replicas within ${FSYNC_PATIENCE_MS} ms`)
}

/** Waits for the writes of a connection to be on the disks of Redis and of replicas. */
async function untilOnDisks (redis: Redis, replicas: number): Promise<void> {
  const [own, reached] = await redis
    .call('WAITAOF', '1', String(replicas), String(FSYNC_PATIENCE_MS)) as [own: number, reached: number]
  if (own < 1) throw new Error(`not on the disk of Redis within ${FSYNC_PATIENCE_MS} ms`)
  if (reached < replicas) throw new Error(`on the disks of ${reached} of ${replicas} replicas within ${FSYNC_PATIENCE_MS} ms`)
}

function unsupported (): SyncUnsupportedError {
  return new SyncUnsupportedError('Redis neither syncs every write nor has WAITAOF')
}

async function detectFsync (redis: Redis): Promise<Fsync> {
  const [server, persistence] = await Promise.all([redis.info('server'), redis.info('persistence')])
  // A hosted Redis may refuse CONFIG; then only WAITAOF helps.
  const settings = await Promise
    .all(['appendfsync', 'no-appendfsync-on-rewrite'].map((name) => redis.config('GET', name)))
    .catch((error: unknown) => {
      if (isReply(error)) return []
      throw error
    }) as string[][]
  const [policy, pausesOnRewrite] = settings.map(([, value]) => value)
  // Redis may be configured to stop syncing during a rewrite of the file.
  const fsync = fsyncOf(server + persistence, pausesOnRewrite === 'yes' ? undefined : policy)
  if (fsync === 'loading') throw new Error('Redis is loading its data')
  return fsync
}

/**
 * Derives from INFO how writes reach the disk of Redis. While Redis loads its data, INFO reports no append-only file,
 * whatever the settings are.
 */
export function fsyncOf (info: string, appendfsync: string | undefined): Fsync | 'loading' {
  if (/^loading:1/m.test(info)) return 'loading'
  if (!/^aof_enabled:1/m.test(info)) return 'unsupported'
  if (appendfsync === 'always') return 'always'
  const [major = 0, minor = 0] = /^redis_version:(\d+)\.(\d+)/m.exec(info)?.slice(1).map(Number) ?? []
  const [needsMajor, needsMinor] = WAITAOF_VERSION
  return major > needsMajor || (major === needsMajor && minor >= needsMinor) ? 'waitaof' : 'unsupported'
}
