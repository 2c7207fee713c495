import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePorts } from '../../rig/free-port.ts'
import { NODE_FLAGS } from '../../rig/process/child.ts'
import type { Appendfsync } from '../../rig/redis.ts'
import { rewrittenStart, type Rewriting } from '../../rig/rewriting.ts'
import { openProxy, type TcpProxy } from '../../rig/tcp-proxy.ts'
import type { Thresholds } from '../checks/shed.ts'
import { Consumer, type ConsumerOptions } from '../consumer/consumer.ts'
import { BODY_LIMIT_BYTES } from '../event/facts.ts'
import { isReady } from '../watch/status.ts'
import { Disk } from './disk.ts'
import { EmbeddedRedis } from './embedded-redis.ts'
import { Program } from './program.ts'
import { Redis } from './redis.ts'

const SERVER = join(import.meta.dirname, '../../server.ts')
/** Long enough for a machine that is busy with other work. */
const START_DEADLINE_MS = 240_000
/** Longer than the deadline that a process sets itself. */
export const STOP_DEADLINE_MS = 25_000
const POLL_INTERVAL_MS = 50

/** Batches that a worker runs at once; explicit because the bound on duplicates depends on it. */
const WORKER_CONCURRENCY = 8
const APIS = 2
const WORKERS = 2

/** Batches that all workers together run at once. */
export const SLOTS = WORKERS * WORKER_CONCURRENCY

/** Low enough to reach quickly, too high for an outage of some seconds to reach. */
export const THRESHOLDS: Thresholds = { recovery: 1_500, warning: 3_000, critical: 5_000, hardLimit: 8_000 }

const DELIVERY_TIMEOUT_MS = 2_000
export const DELIVERY_SECRET = 'whsec_cHJvdmUtdGhhdC1ub3RoaW5nLWlzLWxvc3Q='

/**
 * Many attempts in quick succession: a broken consumer makes no dead letters, and events are soon tried again. Spillway
 * remembers everything for the whole run.
 */
const SETTINGS = {
  LOG_LEVEL: 'warn', EVENT_ATTEMPTS: '1000', RETRY_BACKOFF_MS: '50', DELIVERY_TIMEOUT_MS: String(DELIVERY_TIMEOUT_MS),
  RULE_ENGINE_WORKER_CONCURRENCY: String(WORKER_CONCURRENCY), BODY_LIMIT_BYTES: String(BODY_LIMIT_BYTES),
  QUEUE_RECOVERY_THRESHOLD: String(THRESHOLDS.recovery), QUEUE_WARNING_THRESHOLD: String(THRESHOLDS.warning),
  QUEUE_CRITICAL_THRESHOLD: String(THRESHOLDS.critical), QUEUE_HARD_LIMIT: String(THRESHOLDS.hardLimit),
  // The checker relies on ids for the whole run, even if a fault leaves little memory.
  IDEMPOTENCY_TTL_MS: '10800000',
  IDEMPOTENCY_MAX_IDS: '10000000',
  RECEIPT_TTL_MS: '10800000',
  RECEIPT_MAX_BATCHES: '10000000'
}

/** The connection to Redis. */
interface Way extends TcpProxy {
  /** Why there is no proxy to disturb; undefined if there is one. */
  readonly obstacle: string | undefined
}

export interface StageOptions extends Omit<ConsumerOptions, 'timeoutMs'> {
  readonly appendfsync: Appendfsync
  /** A separate Redis that Spillway reaches by TCP, or the one that it starts. */
  readonly redis: 'tcp' | 'embedded'
  /** The PATH of this process. */
  readonly path: string
  readonly isKept: boolean
  /** Set for a sabotaged product. */
  readonly rewriting?: Rewriting | undefined
}

/**
 * Everything that a fault can act on: Redis and the connection to it, APIs and workers as separate processes, the
 * consumer, the disk of a spool.
 */
export class Stage {
  readonly folder: string
  readonly redis: Redis
  readonly proxy: Way
  readonly apis: readonly Program[]
  readonly workers: readonly Program[]
  /** One for each API, in their order. */
  readonly urls: readonly string[]
  readonly consumer: Consumer
  /** The disk of the first API. */
  readonly disk: Disk
  readonly #isKept: boolean
  readonly #removeAtExit = () => { this.#remove() }

  /**
   * Starts everything and waits until the APIs are ready. Everything ends with this process, even if it fails.
   */
  static async start (options: StageOptions): Promise<Stage> {
    const consumer = new Consumer({ ...options, timeoutMs: DELIVERY_TIMEOUT_MS })
    await consumer.start()
    const folder = mkdtempSync(join(tmpdir(), 'spillway-prove-'))
    const isEmbedded = options.redis === 'embedded'
    const server = {
      folder: isEmbedded ? join(folder, 'data') : folder,
      appendfsync: options.appendfsync,
      path: options.path
    }
    const redis = isEmbedded ? new EmbeddedRedis(server) : new Redis(server)
    const obstacle = isEmbedded ? 'the embedded Redis is reached by its socket' : undefined
    const proxy = { ...await openProxy(redis.socket), obstacle }
    // Fixed ports, since a restarted process needs the same address.
    const stage = new Stage(options, consumer, folder, redis, proxy, await freePorts((isEmbedded ? 1 : APIS) + WORKERS))
    try {
      for (const program of stage.programs) program.start()
      await stage.#becomesReady()
    } catch (error) {
      await stage.stop()
      throw error
    }
    return stage
  }

  private constructor(
    { path, isKept, rewriting, redis: kind, appendfsync }: StageOptions,
    consumer: Consumer,
    folder: string,
    redis: Redis,
    proxy: Way,
    ports: readonly number[]
  ) {
    this.#isKept = isKept
    this.consumer = consumer
    this.folder = folder
    this.redis = redis
    this.proxy = proxy
    this.disk = new Disk(join(folder, 'disk'), kind === 'tcp')
    process.once('exit', this.#removeAtExit)
    const broken = rewriting && rewrittenStart(rewriting)
    const program = (name: string, env: Record<string, string>) => new Program({
      name,
      file: process.execPath,
      args: [...NODE_FLAGS, ...broken?.flags ?? [], SERVER],
      env: {
        PATH: path, ...SETTINGS, DELIVERY_URL: consumer.url, DELIVERY_SECRET,
        ...broken?.env, ...env
      },
      logFile: join(folder, `${name}.log`)
    })
    // Processes that share an embedded Redis also share the data directory and its spool, so there is only one API.
    const store = (dataDir: string): Record<string, string> =>
      kind === 'embedded'
        ? { DATA_DIR: join(folder, 'data'), REDIS_APPENDFSYNC: appendfsync }
      : { DATA_DIR: dataDir, REDIS_URL: `redis://127.0.0.1:${proxy.port}` }
    const apis = ports.length - WORKERS
    this.apis = ports.slice(0, apis).map((port, index) => program(`api-${index + 1}`, {
      ROLE: 'api', PORT: String(port), ...store(index === 0 ? this.disk.folder : join(folder, `api-${index + 1}`))
    }))
    this.workers = ports.slice(apis).map((port, index) => program(`worker-${index + 1}`, {
      ROLE: 'worker', WORKER_PORT: String(port), ...store(join(folder, `worker-${index + 1}`))
    }))
    this.urls = ports.slice(0, apis).map((port) => `http://127.0.0.1:${port}`)
  }

  get programs (): readonly Program[] { return [this.redis, ...this.apis, ...this.workers] }

  /** Unexpected ends of processes. */
  get disorders (): string[] { return this.programs.flatMap(({ disorders }) => disorders) }

  async stop (): Promise<void> {
    // Redis stops last, so that the others can finish their work.
    for (const program of this.programs) program.signal('SIGCONT')
    this.proxy.delayBy(0)
    this.proxy.resume()
    await Promise.all([...this.apis, ...this.workers].map((program) => program.stop(STOP_DEADLINE_MS)))
    await this.redis.stop(STOP_DEADLINE_MS)
    this.proxy.stop()
    this.consumer.stop()
    process.removeListener('exit', this.#removeAtExit)
    this.#remove()
  }

  /** Kills everything synchronously, if this process ends early. */
  #remove (): void {
    for (const program of this.programs) program.killNow()
    this.disk.unmount()
    if (!this.#isKept) rmSync(this.folder, { recursive: true, force: true })
  }

  async #becomesReady (): Promise<void> {
    const deadline = performance.now() + START_DEADLINE_MS
    for (const url of this.urls) {
      while (!await isReady(url)) {
        const [disorder] = this.disorders
        if (disorder !== undefined) throw new Error(`${disorder}\n${this.#logs()}`)
        if (performance.now() > deadline) {
          throw new Error(`Spillway was not ready within ${START_DEADLINE_MS} ms\n${this.#logs()}`)
        }
        await wait(POLL_INTERVAL_MS)
      }
    }
  }

  #logs (): string {
    return this.programs.map(({ name }) => {
      try {
        return readFileSync(join(this.folder, `${name}.log`), 'utf8').slice(-1_000)
      } catch {
        return ''
      }
    }).join('')
  }
}
