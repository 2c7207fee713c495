import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { SERVER_BINARIES } from '../services/redis/embedded/spawned-server.ts'
import { eventually } from './eventually.ts'
import { findProgram } from './find-program.ts'
import { makeFolder } from './folder.ts'
import type { Owner } from './owner.ts'
import { startChild, type Child } from './process/child.ts'
import { redisCommand, usedMemory } from './redis-command.ts'

const READY_DEADLINE_MS = 60_000
const COMMAND_TIMEOUT_MS = 10_000
const PING_TIMEOUT_MS = 1_000
const MOST_OUTPUT = 2_000

/** When Redis writes to the disk: after each write, before it answers; once a second; or never. */
export type Appendfsync = 'always' | 'everysec'

export interface RedisOptions {
  /**
   * Keeps data over restart(), with an fsync per write by default. Off by default, since most tests do not restart it.
   */
  appendonly?: boolean
  appendfsync?: Appendfsync
  /** Further arguments of redis-server, such as ['--maxmemory', '3mb']. */
  extraArgs?: readonly string[]
  /** Number of the only core it may run on. */
  core?: number | undefined
}

/** Starts a separate real Redis, which ends and loses its files with its owner. */
export async function startRedis (owner: Owner, options: RedisOptions = {}): Promise<RedisProcess> {
  const redis = new RedisProcess(await makeFolder(owner), options)
  owner.teardown(() => redis.kill())
  await redis.start()
  return redis
}

/** Returns the arguments of a Redis that listens on a socket in its folder and refuses writes when it is full. */
export function redisArguments (folder: string, appendonly: boolean, appendfsync: Appendfsync): string[] {
  return [
    '--port', '0', '--unixsocket', socketIn(folder), '--unixsocketperm', '700', '--dir', folder, '--save', '',
    '--maxmemory-policy', 'noeviction', '--appendonly', appendonly ? 'yes' : 'no', '--appendfsync', appendfsync
  ]
}

/** Returns the path of the unix socket of a Redis with this folder. */
export function socketIn (folder: string): string {
  return join(folder, 'redis.sock')
}

export class RedisProcess {
  /** The folder of its files, and perhaps of files of its owner; removed with the owner. */
  readonly folder: string
  /** Path of the unix socket. */
  readonly path: string
  /** The same as a REDIS_URL. */
  readonly url: string
  readonly #args: readonly string[]
  readonly #core: number | undefined
  #running: Child | undefined

  constructor (folder: string, { appendonly = false, appendfsync = 'always', extraArgs = [], core }: RedisOptions) {
    this.folder = folder
    this.path = socketIn(folder)
    this.url = pathToFileURL(this.path).href.replace(/^file:/, 'unix:')
    this.#args = [...redisArguments(folder, appendonly, appendfsync), ...extraArgs]
    this.#core = core
  }

  /** Undefined while Redis does not run. */
  get pid (): number | undefined { return this.#running?.pid }

  async start (): Promise<void> {
    if (this.#running !== undefined) return
    const running = startChild({
      command: redisBinary(),
      args: this.#args,
      core: this.#core,
      stdio: ['ignore', 'pipe', 'pipe']
    })
    this.#running = running
    let output = ''
    let failure: string | undefined
    const keep = (chunk: string) => { output = `${output}${chunk}`.slice(-MOST_OUTPUT) }
    running.child.stdout?.setEncoding('utf8').on('data', keep)
    running.child.stderr?.setEncoding('utf8').on('data', keep)
    running.child.once('exit', (code, signal) => {
      failure = `ended with ${code ?? signal}`
      if (this.#running === running) this.#running = undefined
    })
    await eventually(
      'redis-server answers',
      async () => failure !== undefined || await this.#answers(),
      READY_DEADLINE_MS
    )
      .catch((error: Error) => {
        throw new Error(`${error.message}: ${output}`)
      })
    if (failure !== undefined) throw new Error(`redis-server ${failure}: ${output}`)
  }

  /** Sends a signal that ends the process, and waits for its end. */
  async kill (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const running = this.#running
    if (running === undefined) return
    const ended = running.kill(signal)
    // A paused process handles no signal except SIGKILL before it continues.
    running.child.kill('SIGCONT')
    await ended
  }

  /** Pauses Redis: connections stay open, but it does not answer. */
  pause (): void { this.#running?.child.kill('SIGSTOP') }

  resume (): void { this.#running?.child.kill('SIGCONT') }

  /** Stops Redis as a service manager does. */
  async stop (): Promise<void> { await this.kill('SIGTERM') }

  /** Starts Redis again at the same path after it ended or was killed; it keeps its data if it is appendonly. */
  async restart (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.kill(signal)
    await this.start()
  }

  /** Resolves with the bytes of memory that its data use. */
  usedMemory (): Promise<number> { return usedMemory(this.path, COMMAND_TIMEOUT_MS) }

  async #answers (): Promise<boolean> {
    return await redisCommand(this.path, 'PING', PING_TIMEOUT_MS) === '+PONG'
  }
}

/** Returns the path of the installed Redis server program. */
export function redisBinary (): string {
  const path = findProgram(...SERVER_BINARIES)
  if (path === undefined)
    throw new Error(`no ${SERVER_BINARIES.join(' or ')} on the PATH: apt-get install redis-server`)
  return path
}
