import { mkdirSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import type { EmbeddedRedisOptions } from './embedded-redis-options.ts'
import { ServerSupervisor } from './server-supervisor.ts'
import { socketPathFor } from './socket-path.ts'

const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * A real Redis for installations that have none: a child process with its files in the data directory, stopped with this
 * process and kept for the next. Processes with the same directory share it, and whichever of them lives restarts it.
 * It never keeps the process alive.
 */
export class EmbeddedRedis {
  /** The unix socket of Redis; what `connectForCommands` takes as an address. */
  readonly socketPath: string
  readonly #options: EmbeddedRedisOptions
  #supervisor: ServerSupervisor | undefined
  #started: Promise<void> | undefined
  #stopped: Promise<void> = Promise.resolve()

  /** Creates the data directory where it is missing, since the path of the socket follows from where that really is. */
  constructor (options: EmbeddedRedisOptions) {
    const dataDir = resolve(options.dataDir)
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    this.#options = { ...options, dataDir: realpathSync(dataDir) }
    this.socketPath = socketPathFor(this.#options.dataDir)
  }

  /** Whether stop() ends the server: we started it, or took it over from a process that died. */
  get isOwner (): boolean { return this.#supervisor?.isOwner ?? false }

  /** Process id of the server, as long as there is one. */
  get pid (): number | undefined { return this.#supervisor?.pid }

  /**
   * Resolves when Redis takes commands. Calls while it starts or runs share one start; after a failure it can be called again.
   *
   * @throws EmbeddedRedisError
   */
  start (): Promise<void> {
    if (this.#started === undefined) {
      const supervisor = new ServerSupervisor(this.#options, this.socketPath)
      this.#supervisor = supervisor
      const started = holdingProcess(this.#stopped.then(() => supervisor.start()))
      this.#started = started
      started.catch(() => { if (this.#started === started) this.#started = undefined })
    }
    return this.#started
  }

  /** Resolves when the server has ended, or is left to the process that owns it. A start that is in progress is given up. */
  stop (): Promise<void> {
    const supervisor = this.#supervisor
    if (supervisor !== undefined) {
      this.#supervisor = undefined
      this.#started = undefined
      const stopped = Promise.all([this.#stopped, supervisor.stop()])
      this.#stopped = holdingProcess(stopped)
    }
    return this.#stopped
  }
}

/** Nothing that belongs to the server keeps the process alive, but someone who waits for it must get an answer. */
async function holdingProcess (work: Promise<unknown>): Promise<void> {
  const hold = setInterval(() => {}, LONGEST_TIMER_MS)
  try {
    await work
  } finally {
    clearInterval(hold)
  }
}
