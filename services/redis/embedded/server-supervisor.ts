import { setTimeout as delay } from 'node:timers/promises'
import { join } from 'node:path'
import { EmbeddedRedisError } from './embedded-redis-error.ts'
import type { EmbeddedRedisOptions } from './embedded-redis-options.ts'
import { stopOrphan } from './found-server.ts'
import { OwnershipLock } from './ownership-lock.ts'
import type { RedisServer, ServerEnd } from './redis-server.ts'
import { restartDelayMs } from './restart-delay.ts'
import { attachServer, type AttachmentContext } from './server-attachment.ts'
import { removeSocketFolder } from './socket-path.ts'

const START_ATTEMPTS = 3

/** A server that lived this long was sound: its restart is immediate again. */
const SOUND_AFTER_MS = 10_000

/** One life of the embedded Redis, from a start to a stop: sees to it that there is a server all the time in between. */
export class ServerSupervisor {
  readonly #context: AttachmentContext
  readonly #lock: OwnershipLock
  readonly #stopping = new AbortController()
  readonly #stopRequested: Promise<void>
  #server: RedisServer | undefined
  #done: Promise<void> | undefined

  constructor (options: EmbeddedRedisOptions, socketPath: string) {
    const { signal } = this.#stopping
    this.#lock = new OwnershipLock(join(options.dataDir, 'redis.lock'))
    this.#context = { options, socketPath, lock: this.#lock, signal }
    this.#stopRequested = new Promise((resolve) => { signal.addEventListener('abort', () => { resolve() }, { once: true }) })
  }

  get isOwner (): boolean { return this.#lock.isHeld }

  get pid (): number | undefined { return this.#server?.pid }

  /** Resolves when there is a server that takes commands. One that ends at once gets a few tries. */
  start (): Promise<void> {
    const attached = this.#attachFirst()
    this.#done = attached.then(() => this.#supervise(), () => {})
    return attached
  }

  /** Gives up a start that is in progress, and ends the server if it is ours. */
  async stop (): Promise<void> {
    this.#stopping.abort(new EmbeddedRedisError('EMBEDDED_REDIS_STOPPED', 'the embedded Redis was stopped before it had started'))
    await this.#done
  }

  async #attachFirst (): Promise<void> {
    for (let failures = 1; ; failures++) {
      try {
        return await this.#attach()
      } catch (error) {
        if ((error as EmbeddedRedisError).code !== 'EMBEDDED_REDIS_EXITED' || failures === START_ATTEMPTS) throw error
      }
      await this.#pause(failures)
    }
  }

  async #supervise (): Promise<void> {
    for (let failures = 0; ; failures++) {
      const since = performance.now()
      const end = await Promise.race([this.#server?.ended, this.#stopRequested])
      if (this.#stopping.signal.aborted || end === undefined) break
      this.#report(end)
      if (performance.now() - since > SOUND_AFTER_MS) failures = 0
      failures = await this.#reattach(failures)
    }
    await this.#leave()
  }

  /** Tries until there is a server again or a stop is asked for; answers how often it failed in a row by then. */
  async #reattach (failures: number): Promise<number> {
    for (; ; failures++) {
      await this.#pause(failures)
      try {
        await this.#attach()
        return failures
      } catch (error) {
        if (this.#stopping.signal.aborted) return failures
        this.#context.options.log.error({ event: 'embedded-redis-start-failed', err: error }, 'the embedded Redis could not be started and will be tried again')
      }
    }
  }

  async #attach (): Promise<void> {
    this.#server = undefined
    try {
      this.#server = await attachServer(this.#context)
    } catch (error) {
      // Another process may be able to start it.
      this.#lock.release()
      throw error
    }
  }

  async #leave (): Promise<void> {
    const { options, socketPath } = this.#context
    try {
      await this.#server?.stop()
      // The owner of a borrowed server may have died just now, and then nobody else would end it.
      if (this.#lock.tryAcquire()) await stopOrphan(options, socketPath)
    } catch (error) {
      options.log.error({ event: 'embedded-redis-stop-failed', err: error }, 'the embedded Redis could not be stopped')
    }
    if (this.#lock.isHeld) removeSocketFolder(socketPath, options.dataDir)
    this.#server = undefined
    this.#lock.release()
  }

  async #pause (failures: number): Promise<void> {
    const { signal } = this.#stopping
    await delay(restartDelayMs(failures), undefined, { ref: false, signal }).catch(() => {})
  }

  #report (end: ServerEnd): void {
    const { log } = this.#context.options
    if (end.kind === 'exited') log.error({ event: 'embedded-redis-ended', code: end.code, signal: end.signal, lastLines: end.lastLines }, 'the embedded Redis ended unexpectedly')
    // To a borrower it is no surprise: the owner may have been stopped.
    if (end.kind === 'gone') log[this.isOwner ? 'error' : 'warn']({ event: 'embedded-redis-ended' }, 'the embedded Redis is gone')
  }
}
