import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePorts } from '../../rig/free-port.ts'
import { NODE_FLAGS } from '../../rig/process/child.ts'
import type { Appendfsync } from '../../rig/redis.ts'
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
const REWRITE = join(import.meta.dirname, 'rewrite.ts')
const START_DEADLINE_MS = 60_000
/** Longer than a process gives itself. */
export const STOP_DEADLINE_MS = 25_000
const POLL_INTERVAL_MS = 50

/** Batches that a worker has in work at once; stated because the bound on duplicates is made of it. */
const WORKER_CONCURRENCY = 8
const APIS = 2
const WORKERS = 2

/** Batches that all workers have in work at once. */
export const SLOTS = WORKERS * WORKER_CONCURRENCY

/** Low enough to be reached in a moment, high enough not to be reached by an outage of some seconds. */
export const THRESHOLDS: Thresholds = { recovery: 1_500, warning: 3_000, critical: 5_000, hardLimit: 8_000 }

const DELIVERY_TIMEOUT_MS = 2_000
export const DELIVERY_SECRET = 'whsec_cHJvdmUtdGhhdC1ub3RoaW5nLWlzLWxvc3Q='

/**
 * Many attempts close together: what a broken consumer delays is no dead letter, and is soon tried again. All is
 * remembered for the whole run.
 */
const SETTINGS = {
  LOG_LEVEL: 'warn', EVENT_ATTEMPTS: '1000', RETRY_BACKOFF_MS: '50', DELIVERY_TIMEOUT_MS: String(DELIVERY_TIMEOUT_MS),
  RULE_ENGINE_WORKER_CONCURRENCY: String(WORKER_CONCURRENCY), BODY_LIMIT_BYTES: String(BODY_LIMIT_BYTES),
  QUEUE_RECOVERY_THRESHOLD: String(THRESHOLDS.recovery), QUEUE_WARNING_THRESHOLD: String(THRESHOLDS.warning),
  QUEUE_CRITICAL_THRESHOLD: String(THRESHOLDS.critical), QUEUE_HARD_LIMIT: String(THRESHOLDS.hardLimit),
  // The checker counts on ids for the whole run, however little room a fault leaves.
  IDEMPOTENCY_TTL_MS: '10800000', IDEMPOTENCY_MAX_IDS: '10000000', RECEIPT_TTL_MS: '10800000', RECEIPT_MAX_BATCHES: '10000000'
}

/** The way to Redis. */
interface Way extends TcpProxy {
  /** Why nothing goes this way; undefined when it does. */
  readonly obstacle: string | undefined
}

/** A replacement in the source of the product. */
export interface Rewriting {
  readonly module: string
  readonly replace: readonly [from: string, to: string]
}

export interface StageOptions extends Omit<ConsumerOptions, 'timeoutMs'> {
  readonly appendfsync: Appendfsync
  /** A Redis of its own that is reached by TCP, or the one that Spillway starts. */
  readonly redis: 'tcp' | 'embedded'
  /** The PATH of this process, on which programs are found. */
  readonly path: string
  readonly isKept: boolean
  /** Set when a sabotaged product is to be caught. */
  readonly rewriting?: Rewriting | undefined
}

/**
 * Everything that a fault can act on: Redis and the way to it, APIs and workers as processes of their own, the
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
   * Starts all of it and waits until the APIs are ready. Whatever becomes of this process, nothing of it is left
   * behind.
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
    // Fixed ones, since a process that is started again has to be found where it was.
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
    const program = (name: string, env: Record<string, string>) => new Program({
      name,
      file: process.execPath,
      args: [...NODE_FLAGS, ...(rewriting === undefined ? [] : ['--import', REWRITE]), SERVER],
      env: {
        PATH: path, ...SETTINGS, DELIVERY_URL: consumer.url, DELIVERY_SECRET,
        ...(rewriting !== undefined && { PROVE_REWRITE: JSON.stringify(rewriting) }), ...env
      },
      logFile: join(folder, `${name}.log`)
    })
    // Processes that share an embedded Redis share their data directory, and so its spool: there is one API then.
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

  /** Ends of processes that nobody had caused. */
  get disorders (): string[] { return this.programs.flatMap(({ disorders }) => disorders) }

  async stop (): Promise<void> {
    // Redis goes on, and ends last, so that the others can end their work.
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

  /** Synchronous, for the case that this process ends before its time. */
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
