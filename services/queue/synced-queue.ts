import type { Redis } from 'ioredis'
import { FSYNC_PATIENCE_MS } from '../redis/connection.ts'
import { isReply } from '../redis/outage.ts'
import type { Batch } from './batch.ts'
import { NOT_SYNCED } from './batch-addition.ts'
import type { Repeat } from './remembered.ts'
import type { Shards } from './shards.ts'
import { UnconfirmedError } from './unconfirmed-error.ts'

/** From this version on Redis can be asked to wait until a write is on its disk (WAITAOF). */
const WAITAOF_VERSION = [7, 2] as const

/** How a write gets onto the disk of Redis: it is there before the answer; it can be waited for; or nobody can tell. */
type Fsync = 'always' | 'waitaof' | 'unsupported'

export interface SyncedQueueOptions {
  /** The queue as everybody uses it: the one for a Redis that syncs every write anyway. */
  queue: Shards
  redis: Redis
  /** Opens a queue on a connection of its own; waiting for the disk blocks the connection. Called once, when it is first needed. */
  open: () => { queue: Shards, redis: Redis, close: () => Promise<void> }
  /** Milliseconds, of any clock that does not go back. */
  now: () => number
}

/**
 * Settings of Redis may be changed at any time. A finding is trusted for this long; from half of it on it is found out
 * anew beside whatever else goes on, so that under load nobody waits for it.
 */
const TRUSTED_MS = 2_000

/** Redis cannot say when a write is on its disk. */
export class SyncUnsupportedError extends Error {
  readonly code = 'sync-unsupported'
}

/** Adds batches and waits until they are on the disk of Redis. */
export class SyncedQueue {
  readonly #options: SyncedQueueOptions
  #own: ReturnType<SyncedQueueOptions['open']> | undefined
  #known: { fsync: Fsync, at: number } | undefined
  #detection: Promise<Fsync> | undefined

  constructor (options: SyncedQueueOptions) {
    this.#options = options
    // Another server may answer after each reconnection.
    options.redis.on('close', () => { this.#known = undefined })
  }

  /** Whether this Redis can promise it; true while it cannot be asked, since the write itself will tell. */
  async isSupported (): Promise<boolean> {
    return await this.#fsync().catch(() => 'always') !== 'unsupported'
  }

  /**
   * Resolves when the batch is on disk; otherwise as Shards.add.
   *
   * @throws SyncUnsupportedError when Redis cannot promise it; nothing is stored then
   */
  async add (batch: Batch, onSent?: () => void): Promise<readonly Repeat[]> {
    const fsync = await this.#fsync()
    if (fsync === 'unsupported') throw unsupported()
    if (fsync === 'always') return await this.#addIfSynced(this.#options.queue, batch, onSent)
    this.#own ??= this.#options.open()
    const { queue, redis } = this.#own
    const repeats = await this.#addIfSynced(queue, batch, onSent)
    try {
      const [synced] = await redis.call('WAITAOF', '1', '0', String(FSYNC_PATIENCE_MS)) as [number]
      if (synced < 1) throw new Error(`not on the disk of Redis within ${FSYNC_PATIENCE_MS} ms`)
    } catch (error) {
      throw new UnconfirmedError(error)
    }
    return repeats
  }

  async close (): Promise<void> {
    await this.#own?.close()
  }

  /** An append-only file that was switched off a moment ago is noticed in the very step that would add the batch. */
  async #addIfSynced (queue: Shards, batch: Batch, onSent?: () => void): Promise<readonly Repeat[]> {
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
    // A failure of it shows to the caller that needs the answer.
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

function unsupported (): SyncUnsupportedError {
  return new SyncUnsupportedError('Redis neither syncs every write nor has WAITAOF')
}

async function detectFsync (redis: Redis): Promise<Fsync> {
  const [server, persistence] = await Promise.all([redis.info('server'), redis.info('persistence')])
  // A hosted Redis may not let its settings be read; then only WAITAOF can tell.
  const settings = await Promise.all(['appendfsync', 'no-appendfsync-on-rewrite'].map((name) => redis.config('GET', name))).catch((error: unknown) => {
    if (isReply(error)) return []
    throw error
  }) as string[][]
  const [policy, pausesOnRewrite] = settings.map(([, value]) => value)
  // Redis may be configured to leave it while it rewrites the file.
  const fsync = fsyncOf(server + persistence, pausesOnRewrite === 'yes' ? undefined : policy)
  if (fsync === 'loading') throw new Error('Redis is loading its data')
  return fsync
}

/**
 * Reads from what Redis says of itself how writes get onto its disk. While it loads its data it says that it has no
 * append-only file, whatever its settings are.
 */
export function fsyncOf (info: string, appendfsync: string | undefined): Fsync | 'loading' {
  if (/^loading:1/m.test(info)) return 'loading'
  if (!/^aof_enabled:1/m.test(info)) return 'unsupported'
  if (appendfsync === 'always') return 'always'
  const [major = 0, minor = 0] = /^redis_version:(\d+)\.(\d+)/m.exec(info)?.slice(1).map(Number) ?? []
  const [needsMajor, needsMinor] = WAITAOF_VERSION
  return major > needsMajor || (major === needsMajor && minor >= needsMinor) ? 'waitaof' : 'unsupported'
}
