import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { EmbeddedRedisError } from './embedded-redis-error.ts'
import type { EmbeddedRedisOptions } from './embedded-redis-options.ts'
import { withPrivateUmask } from './private-umask.ts'
import { ServerLog } from './server-log.ts'

/** Redis server programs in order of preference. */
export const SERVER_BINARIES = ['redis-server', 'valkey-server'] as const

/** The longest wait for the last lines: a child of the server may hold its output open. */
const LAST_LINES_DEADLINE_MS = 100

type Child = ChildProcessByStdio<null, Readable, Readable>

/** How a server ended; empty if it was not a child process. */
export interface ServerExit {
  readonly code?: number | null
  readonly signal?: NodeJS.Signals | null
  readonly lastLines?: string
}

/** A server as a child process. It has a process group of its own, so only this process passes a Ctrl-C on to it. */
export class SpawnedServer {
  readonly ended: Promise<ServerExit>
  /** Resolves if it started on an append-only file whose last command was cut off. */
  readonly cutOff: Promise<void>
  readonly #child: Child
  #exit: ServerExit | undefined
  #isReady = false

  constructor (child: Child, { log }: EmbeddedRedisOptions, stopping: AbortSignal) {
    this.#child = child
    const serverLog = new ServerLog(log, () => this.#isReady && !stopping.aborted)
    for (const stream of [child.stdout, child.stderr]) {
      serverLog.read(stream)
      // A pipe to a child is a socket, and like the child it must not keep this process alive.
      ;(stream as Socket).unref()
    }
    child.unref()
    this.cutOff = serverLog.cutOff
    this.ended = this.#watch(serverLog)
  }

  get exit (): ServerExit | undefined { return this.#exit }

  /** Makes later warnings of the server count as warnings. */
  markReady (): void {
    this.#isReady = true
  }

  kill (): void {
    this.#child.kill('SIGKILL')
  }

  async #watch (serverLog: ServerLog): Promise<ServerExit> {
    const closed = once(this.#child, 'close')
    const [code, signal] = await once(this.#child, 'exit') as [number | null, NodeJS.Signals | null]
    await Promise.race([closed, delay(LAST_LINES_DEADLINE_MS, undefined, { ref: false })])
    this.#exit = { code, signal, lastLines: serverLog.lastLines }
    return this.#exit
  }
}

/** Starts the first server program on the PATH. It may not answer yet. */
export async function spawnServer (
  options: EmbeddedRedisOptions, socketPath: string, stopping: AbortSignal
): Promise<SpawnedServer> {
  for (const binary of SERVER_BINARIES) {
    const child = withPrivateUmask(() =>
      spawn(binary, serverArguments(options, socketPath), { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    )
    if (child.pid !== undefined) return new SpawnedServer(child, options, stopping)
    const [error] = await once(child, 'error') as [NodeJS.ErrnoException]
    if (error.code !== 'ENOENT') throw error
  }
  throw new EmbeddedRedisError('EMBEDDED_REDIS_NOT_INSTALLED',
    'no redis-server and no valkey-server on the PATH: install one (apt-get install redis-server, apk add redis, ' +
    'dnf install valkey, brew install redis), or set REDIS_URL to a Redis that runs already')
}

function serverArguments ({ dataDir, appendfsync }: EmbeddedRedisOptions, socketPath: string): string[] {
  return Object.entries({
    unixsocket: socketPath,
    port: '0',
    unixsocketperm: '700',
    dir: dataDir,
    appendonly: 'yes',
    appendfsync,
    save: '',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
    'always-show-logo': 'no'
  }).flatMap(([name, value]) => [`--${name}`, value])
}
