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
  /** Keeps data over restart(), with an fsync per write by default. Off by default, since most tests need none. */
  appendonly?: boolean
  appendfsync?: Appendfsync
  /** Further arguments of redis-server, such as ['--maxmemory', '3mb']. */
  extraArgs?: readonly string[]
  /** Number of the only core it may run on. */
  core?: number | undefined
}

/** Starts a real Redis of its own; it ends, and its files go, with its owner. */
export async function startRedis (owner: Owner, options: RedisOptions = {}): Promise<RedisProcess> {
  const redis = new RedisProcess(await makeFolder(owner), options)
  owner.teardown(() => redis.kill())
  await redis.start()
  return redis
}

/** The arguments of a Redis that is reached by a socket in its folder and refuses what it has no room for. */
export function redisArguments (folder: string, appendonly: boolean, appendfsync: Appendfsync): string[] {
  return [
    '--port', '0', '--unixsocket', socketIn(folder), '--unixsocketperm', '700', '--dir', folder, '--save', '',
    '--maxmemory-policy', 'noeviction', '--appendonly', appendonly ? 'yes' : 'no', '--appendfsync', appendfsync
  ]
}

/** The unix socket of a Redis that has this folder. */
export function socketIn (folder: string): string {
  return join(folder, 'redis.sock')
}

export class RedisProcess {
  /** Folder of its files, and perhaps of those of its owner; gone with the owner. */
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

  /** Undefined while it does not run. */
  get pid (): number | undefined { return this.#running?.pid }

  async start (): Promise<void> {
    if (this.#running !== undefined) return
    const running = startChild({ command: redisBinary(), args: this.#args, core: this.#core, stdio: ['ignore', 'pipe', 'pipe'] })
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
    await eventually('redis-server answers', async () => failure !== undefined || await this.#answers(), READY_DEADLINE_MS)
      .catch((error: Error) => { throw new Error(`${error.message}: ${output}`) })
    if (failure !== undefined) throw new Error(`redis-server ${failure}: ${output}`)
  }

  /** Sends a signal that ends the process, and waits until it has ended. */
  async kill (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const running = this.#running
    if (running === undefined) return
    const ended = running.kill(signal)
    // A paused process gets no signal but SIGKILL before it runs again.
    running.child.kill('SIGCONT')
    await ended
  }

  /** Hangs it: connections stay open, no answer comes. */
  pause (): void { this.#running?.child.kill('SIGSTOP') }

  resume (): void { this.#running?.child.kill('SIGCONT') }

  /** Ends it as a service manager does. */
  async stop (): Promise<void> { await this.kill('SIGTERM') }

  /** Starts it again at the same path after it ended or was killed; data is kept when it is appendonly. */
  async restart (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.kill(signal)
    await this.start()
  }

  /** The memory that its data take, bytes. */
  usedMemory (): Promise<number> { return usedMemory(this.path, COMMAND_TIMEOUT_MS) }

  async #answers (): Promise<boolean> {
    return await redisCommand(this.path, 'PING', PING_TIMEOUT_MS) === '+PONG'
  }
}

/** The path of the Redis server program that is installed here. */
export function redisBinary (): string {
  const path = findProgram(...SERVER_BINARIES)
  if (path === undefined) throw new Error(`no ${SERVER_BINARIES.join(' or ')} on the PATH: apt-get install redis-server`)
  return path
}
