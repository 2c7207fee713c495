import { once } from 'node:events'
import { mkdirSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { RestartPace } from '../../clock/restart-pace.ts'
import { attachServer, type RedisServer } from './attach-server.ts'
import { EmbeddedRedisError } from './embedded-redis-error.ts'
import type { EmbeddedRedisOptions } from './embedded-redis-options.ts'
import { OwnershipLock } from './ownership-lock.ts'
import { endServer } from './server-processes.ts'
import { removeSocketFolder, socketPathFor } from './socket-path.ts'

/** The time from a start to its stop. */
interface Life {
  readonly stopping: AbortController
  readonly started: Promise<RedisServer>
  readonly ended: Promise<void>
}

/**
 * A real Redis for installations without one: a child process with its files in the data directory, which stops with
 * this process and keeps its data. Processes with the same directory share the server, and any of them restarts it. A
 * running server does not keep the process alive.
 */
export class EmbeddedRedis {
  /** The unix socket of Redis; `connectForCommands` takes it as an address. */
  readonly socketPath: string
  readonly #options: EmbeddedRedisOptions
  readonly #lock: OwnershipLock
  #life: Life | undefined
  #stopped: Promise<void> = Promise.resolve()

  /** Creates the data directory if it is missing: the path of the socket derives from its real path. */
  constructor (options: EmbeddedRedisOptions) {
    const dataDir = folderOf(options.dataDir)
    this.#options = { ...options, dataDir }
    this.#lock = new OwnershipLock(join(dataDir, 'redis.lock'))
    this.socketPath = socketPathFor(dataDir)
  }

  /** Whether stop() ends the server: this process started it, or took it over from one that died. */
  get isOwner (): boolean { return this.#lock.isHeld }

  /**
   * Resolves when Redis accepts commands. Calls while it starts or runs share one start; after a failure it can be
   * called again.
   *
   * @throws EmbeddedRedisError
   */
  async start (): Promise<void> {
    this.#life ??= this.#live()
    await this.#life.started
  }

  /** Resolves when the server has ended, or was left to its owner. Cancels a start in progress. */
  stop (): Promise<void> {
    if (this.#life !== undefined) {
      const reason = 'the embedded Redis was stopped before it had started'
      this.#life.stopping.abort(new EmbeddedRedisError('EMBEDDED_REDIS_STOPPED', reason))
      this.#stopped = this.#life.ended
      this.#life = undefined
    }
    return this.#stopped
  }

  #live (): Life {
    const stopping = new AbortController()
    const started = this.#stopped.then(() => this.#attach(stopping.signal))
    const ended = started.then((server) => this.#supervise(server, stopping.signal), () => {
      if (this.#life?.started === started) this.#life = undefined
    })
    return { stopping, started, ended }
  }

  /** Keeps a server running until the stop. */
  async #supervise (first: RedisServer, signal: AbortSignal): Promise<void> {
    const { log } = this.#options
    let server: RedisServer | undefined = first
    const pace = new RestartPace()
    for (;;) {
      const since = performance.now()
      const end = signal.aborted ? undefined : await Promise.race([server?.ended, once(signal, 'abort')])
      if (signal.aborted) return await this.#leave(server)
      if (end !== undefined) {
        log.error({ event: 'embedded-redis-ended', ...end }, 'the embedded Redis ended unexpectedly')
      }
      await delay(pace.delayAfter(performance.now() - since), undefined, { signal }).catch(() => {})
      server = await this.#attach(signal).catch((error: unknown) => {
        if (signal.aborted) return undefined
        const what = 'the embedded Redis could not be started and will be tried again'
        log.error({ event: 'embedded-redis-start-failed', err: error }, what)
        return undefined
      })
    }
  }

  async #attach (signal: AbortSignal): Promise<RedisServer> {
    try {
      return await attachServer(this.#options, this.socketPath, this.#lock, signal)
    } catch (error) {
      // Another process may be able to start it.
      this.#lock.release()
      throw error
    }
  }

  async #leave (server: RedisServer | undefined): Promise<void> {
    const { dataDir, log, stopDeadlineMs } = this.#options
    try {
      // The owner of a borrowed server may have just died, and then only this process can end the server.
      if (this.#lock.tryAcquire()) {
        await endServer(this.socketPath, stopDeadlineMs)
        server?.kill?.()
        removeSocketFolder(this.socketPath, dataDir)
      }
    } catch (error) {
      log.error({ event: 'embedded-redis-stop-failed', err: error }, 'the embedded Redis could not be stopped')
    }
    this.#lock.release()
  }
}

/** Creates the data directory if it is missing, and returns its real path. @throws EmbeddedRedisError */
function folderOf (dataDir: string): string {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    return realpathSync(resolve(dataDir))
  } catch (error) {
    const { message } = error as Error
    const remedy = 'set DATA_DIR to a folder that this user can write'
    throw new EmbeddedRedisError('EMBEDDED_REDIS_UNUSABLE_FOLDER', `DATA_DIR ${dataDir}: ${message}; ${remedy}`, {
      cause: error
    })
  }
}
