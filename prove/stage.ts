import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { AddressInfo } from 'node:net'
import { Consumer, type ConsumerOptions } from './consumer.ts'
import { Disk } from './disk.ts'
import { Program } from './program.ts'
import { Redis } from './redis.ts'
import { isReady } from './status.ts'

const SERVER = join(import.meta.dirname, '../server.ts')
const START_DEADLINE_MS = 30_000
const STOP_DEADLINE_MS = 8_000
const POLL_INTERVAL_MS = 50

/** Batches that the worker has in work at once, and the most events of each: the defaults of Spillway, stated because the bound on duplicates is made of them. */
export const WORKER_CONCURRENCY = 20
export const BATCH_MAX_EVENTS = 128

/** As the npm commands start it. */
const NODE_FLAGS = ['--max-semi-space-size=16']

/** Many attempts close together: what a broken consumer delays is no dead letter, and is soon tried again. */
const SETTINGS = {
  LOG_LEVEL: 'warn', DELIVERY_TIMEOUT_MS: '2000', EVENT_ATTEMPTS: '1000', RETRY_BACKOFF_MS: '50',
  RULE_ENGINE_WORKER_CONCURRENCY: String(WORKER_CONCURRENCY), BATCH_MAX_EVENTS: String(BATCH_MAX_EVENTS)
}

export interface StageOptions extends ConsumerOptions {
  readonly appendfsync: 'always' | 'everysec'
  /** The PATH of this process, on which programs are found. */
  readonly path: string
  readonly isKept: boolean
}

/** Everything that a fault can act on: Redis, the API and the worker as processes of their own, the consumer, the disk of the spool. */
export class Stage {
  readonly folder: string
  readonly url: string
  readonly redis: Redis
  readonly api: Program
  readonly worker: Program
  readonly consumer: Consumer
  readonly disk: Disk
  readonly #isKept: boolean
  readonly #removeAtExit = () => { this.#remove() }

  /** Starts all of it and waits until the API is ready. Whatever becomes of this process, nothing of it is left behind. */
  static async start (options: StageOptions): Promise<Stage> {
    const consumer = new Consumer(options)
    await consumer.start()
    const stage = new Stage(options, consumer, await freePorts())
    try {
      for (const program of stage.programs) program.start()
      await stage.#becomesReady()
    } catch (error) {
      await stage.stop()
      throw error
    }
    return stage
  }

  private constructor ({ appendfsync, path, isKept }: StageOptions, consumer: Consumer, [apiPort, workerPort]: readonly [number, number]) {
    this.#isKept = isKept
    this.consumer = consumer
    this.folder = mkdtempSync(join(tmpdir(), 'spillway-prove-'))
    this.redis = new Redis({ folder: this.folder, appendfsync, path })
    this.disk = new Disk(join(this.folder, 'disk'))
    process.once('exit', this.#removeAtExit)
    this.url = `http://127.0.0.1:${apiPort}`
    const program = (name: string, env: Record<string, string>) => new Program({
      name,
      file: process.execPath,
      args: [...NODE_FLAGS, SERVER],
      env: { PATH: path, ...SETTINGS, REDIS_URL: this.redis.url, ROLE: name, ...env },
      logFile: join(this.folder, `${name}.log`)
    })
    this.api = program('api', { PORT: String(apiPort), DATA_DIR: this.disk.folder })
    this.worker = program('worker', { WORKER_PORT: String(workerPort), DATA_DIR: join(this.folder, 'worker'), DELIVERY_URL: consumer.url })
  }

  get programs (): readonly Program[] { return [this.redis, this.api, this.worker] }

  async stop (): Promise<void> {
    // Redis goes on, and ends last, so that the others can end their work.
    this.redis.signal('SIGCONT')
    await Promise.all([this.api.stop(STOP_DEADLINE_MS), this.worker.stop(STOP_DEADLINE_MS)])
    await this.redis.stop(STOP_DEADLINE_MS)
    this.consumer.stop()
    process.removeListener('exit', this.#removeAtExit)
    this.#remove()
  }

  /** Synchronous, for the case that this process ends before its time. */
  #remove (): void {
    for (const program of this.programs) program.killNow()
    this.disk.unmount()
    if (!this.#isKept) rmSync(this.folder, { recursive: true, force: true })
  }

  async #becomesReady (): Promise<void> {
    const deadline = performance.now() + START_DEADLINE_MS
    while (!await isReady(this.url)) {
      if (performance.now() > deadline) throw new Error(`Spillway was not ready within ${START_DEADLINE_MS} ms; with --keep its log stays in ${this.folder}`)
      await wait(POLL_INTERVAL_MS)
    }
  }
}

/** Two ports that are free at the moment; fixed, since a process that is started again has to be found where it was. */
async function freePorts (): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()] as const
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening')
  const ports = servers.map((server) => (server.address() as AddressInfo).port) as unknown as readonly [number, number]
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
