import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { EmbeddedRedisError } from './embedded-redis-error.ts'
import type { EmbeddedRedisOptions } from './embedded-redis-options.ts'
import { STOP_DEADLINE_MS, type RedisServer, type ServerEnd } from './redis-server.ts'
import { ServerLog } from './server-log.ts'
import { removeServerRecord, writeServerRecord } from './server-record.ts'

/** Programs that are a Redis server, the first choice first. */
export const SERVER_BINARIES = ['redis-server', 'valkey-server'] as const

/** A child of the server may hold its output open; nobody waits longer than this for the last lines. */
const LAST_LINES_DEADLINE_MS = 100

type Child = ChildProcessByStdio<null, Readable, Readable>

/** A server that is our child. It has a process group of its own, so a Ctrl-C in the terminal reaches it only through us. */
export class SpawnedServer implements RedisServer {
  readonly pid: number
  readonly ended: Promise<ServerEnd>
  readonly #child: Child
  readonly #serverLog: ServerLog
  readonly #options: EmbeddedRedisOptions

  constructor (child: Child, options: EmbeddedRedisOptions) {
    this.pid = child.pid!
    this.#child = child
    this.#options = options
    this.#serverLog = new ServerLog(options.log)
    this.ended = this.#watch()
    for (const stream of [child.stdout, child.stderr]) {
      this.#serverLog.read(stream)
      // A pipe to a child is a socket, and like the child it must not keep this process alive.
      ;(stream as Socket).unref()
    }
    child.unref()
  }

  /** From now on a warning of the server is a warning. */
  markReady (): void {
    this.#serverLog.isSteady = true
  }

  async stop (): Promise<void> {
    const { dataDir, stopDeadlineMs = STOP_DEADLINE_MS } = this.#options
    this.#serverLog.isSteady = false
    this.#child.kill('SIGTERM')
    await Promise.race([this.ended, delay(stopDeadlineMs, undefined, { ref: false })])
    this.#child.kill('SIGKILL')
    await this.ended
    removeServerRecord(dataDir)
  }

  async #watch (): Promise<ServerEnd> {
    const closed = once(this.#child, 'close')
    const [code, signal] = await once(this.#child, 'exit') as [number | null, NodeJS.Signals | null]
    await Promise.race([closed, delay(LAST_LINES_DEADLINE_MS, undefined, { ref: false })])
    return { kind: 'exited', code, signal, lastLines: this.#serverLog.lastLines }
  }
}

/** Starts the first server program that is on the PATH. It does not answer yet. */
export async function spawnServer (options: EmbeddedRedisOptions, socketPath: string): Promise<SpawnedServer> {
  for (const binary of SERVER_BINARIES) {
    const child = spawnPrivately(binary, serverArguments(options, socketPath))
    if (child.pid !== undefined) return record(child, options)
    const [error] = await once(child, 'error') as [NodeJS.ErrnoException]
    if (error.code !== 'ENOENT') throw error
  }
  throw new EmbeddedRedisError('EMBEDDED_REDIS_NOT_INSTALLED',
    'no redis-server and no valkey-server on the PATH: install one (apt-get install redis-server, apk add redis, dnf install valkey, ' +
    'brew install redis), or set REDIS_URL to a Redis that runs already')
}

/**
 * Redis takes no mode for its files: its append-only files would be readable to all users of the machine. A child has the
 * umask of the moment in which it is spawned, and no other code of this thread runs in that moment.
 */
function spawnPrivately (binary: string, args: readonly string[]): Child {
  const before = process.umask(0o077)
  try {
    return spawn(binary, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  } finally {
    process.umask(before)
  }
}

function record (child: Child, options: EmbeddedRedisOptions): SpawnedServer {
  try {
    writeServerRecord(options.dataDir, child.pid!)
    return new SpawnedServer(child, options)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

function serverArguments ({ dataDir, appendfsync }: EmbeddedRedisOptions, socketPath: string): string[] {
  return Object.entries({
    port: '0',
    unixsocket: socketPath,
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
