import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { findProgram } from './find-program.ts'
import { SERVER_BINARIES } from '../services/redis/embedded/spawned-server.ts'

const READY_DEADLINE_MS = 60_000
const POLL_INTERVAL_MS = 10

/** The part of a tap test that a server needs. */
interface TestWithTeardown {
  teardown: (handler: () => Promise<void>) => unknown
}

export interface RedisForTestOptions {
  /** Keeps data over restart(), with an fsync per write. Off by default, since most tests need none. */
  appendonly?: boolean
  /** Further arguments of redis-server, such as ['--maxmemory', '3mb']. */
  extraArgs?: readonly string[]
}

/** Starts a real Redis of its own for one test; it ends, and its files go, with the test. */
export async function startRedis (t: TestWithTeardown, { appendonly = false, extraArgs = [] }: RedisForTestOptions = {}): Promise<RedisForTest> {
  // Not t.testdir(): the path of a unix socket is limited to about a hundred bytes.
  const folder = await mkdtemp(join(tmpdir(), 'spillway-test-'))
  const redis = new RedisForTest(folder, [
    '--port', '0', '--dir', folder, '--save', '', '--maxmemory-policy', 'noeviction',
    '--appendonly', appendonly ? 'yes' : 'no', '--appendfsync', 'always', ...extraArgs
  ])
  t.teardown(async () => {
    await redis.kill()
    await rm(folder, { recursive: true, force: true })
  })
  await redis.start()
  return redis
}

export class RedisForTest {
  /** Where its files are, and those of the test may be; gone with the test. */
  readonly folder: string
  /** Path of the unix socket. */
  readonly path: string
  /** The same as a REDIS_URL. */
  readonly url: string
  readonly #args: readonly string[]
  #child: ChildProcess | undefined

  constructor (folder: string, args: readonly string[]) {
    this.folder = folder
    this.path = join(folder, 'redis.sock')
    this.url = pathToFileURL(this.path).href.replace(/^file:/, 'unix:')
    this.#args = ['--unixsocket', this.path, '--unixsocketperm', '700', ...args]
  }

  /** Undefined while it does not run. */
  get pid (): number | undefined { return this.#child?.pid }

  async start (): Promise<void> {
    if (this.#child !== undefined) return
    const child = spawn(redisBinary(), this.#args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    let output = ''
    let failure: string | undefined
    const note = (chunk: string) => { output = `${output}${chunk}`.slice(-2_000) }
    child.stdout.setEncoding('utf8').on('data', note)
    child.stderr.setEncoding('utf8').on('data', note)
    // A test that is cut short must not leave a server behind.
    const killWithProcess = () => { child.kill('SIGKILL') }
    process.once('exit', killWithProcess)
    const end = (reason: string) => {
      failure = reason
      process.removeListener('exit', killWithProcess)
      if (this.#child === child) this.#child = undefined
    }
    child.once('error', (error) => { end(error.message) })
    child.once('exit', (code, signal) => { end(`ended with ${code ?? signal}`) })
    const deadline = performance.now() + READY_DEADLINE_MS
    while (!await answersPing(this.path)) {
      if (failure !== undefined) throw new Error(`redis-server ${failure}: ${output}`)
      if (performance.now() > deadline) throw new Error(`redis-server did not answer in ${READY_DEADLINE_MS} ms: ${output}`)
      await delay(POLL_INTERVAL_MS)
    }
  }

  /** Sends a signal that ends the process, and waits until it has ended. */
  async kill (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    const ended = new Promise((resolve) => { child.once('exit', resolve) })
    child.kill(signal)
    // A paused process gets no signal but SIGKILL before it runs again.
    child.kill('SIGCONT')
    await ended
  }

  /** Hangs it: connections stay open, no answer comes. */
  pause (): void { this.#child?.kill('SIGSTOP') }

  resume (): void { this.#child?.kill('SIGCONT') }

  /** Ends it as a service manager does. */
  async stop (): Promise<void> { await this.kill('SIGTERM') }

  /** Starts it again at the same path after it ended or was killed; data is kept when it is appendonly. */
  async restart (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.kill(signal)
    await this.start()
  }
}

/** The path of the Redis server program that is installed here. */
export function redisBinary (): string {
  const path = findProgram(...SERVER_BINARIES)
  if (path === undefined) throw new Error('tests need a redis-server or a valkey-server on the PATH')
  return path
}

function answersPing (path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(path, () => { socket.write('PING\r\n') })
    socket.setTimeout(1_000, () => { socket.destroy() })
    socket.once('data', (data) => {
      resolve(data.toString().startsWith('+PONG'))
      socket.destroy()
    })
    socket.once('error', () => { resolve(false) })
    socket.once('close', () => { resolve(false) })
  })
}
