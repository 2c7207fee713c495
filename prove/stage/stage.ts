import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePorts } from '../../rig/free-port.ts'
import { NODE_FLAGS } from '../../rig/process/child.ts'
import { rewrittenStart, type Rewriting } from '../../rig/rewriting.ts'
import type { Thresholds } from '../checks/shed.ts'
import { Consumer, type ConsumerOptions } from '../consumer/consumer.ts'
import { BODY_LIMIT_BYTES } from '../event/facts.ts'
import { isReady } from '../watch/status.ts'
import { openBackend, type Backend, type BackendOptions } from './backend.ts'
import { Disk } from './disk.ts'
import { Program } from './program.ts'
import type { Redis } from './redis.ts'
import { Spools } from './spools.ts'

const SERVER = join(import.meta.dirname, '../../server.ts')
/** Records what an API has synced, so that a power cut can take away the rest. */
const SYNC_JOURNAL = join(import.meta.dirname, '../../rig/sync-journal.ts')
/** Long enough for a machine that is busy with other work. */
const START_DEADLINE_MS = 240_000
/** Longer than the deadline that a process sets itself. */
export const STOP_DEADLINE_MS = 25_000
const POLL_INTERVAL_MS = 50

/** Batches that a worker runs at once; explicit because the bound on duplicates depends on it. */
const WORKER_CONCURRENCY = 8
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

export interface StageOptions extends Omit<ConsumerOptions, 'timeoutMs'>, BackendOptions {
  readonly isKept: boolean
  readonly shards: number
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
  readonly proxy: Backend['way']
  readonly apis: readonly Program[]
  readonly workers: readonly Program[]
  /** One for each API, in their order. */
  readonly urls: readonly string[]
  readonly consumer: Consumer
  /** The disk of the first API. */
  readonly disk: Disk
  readonly spools: Spools
  readonly #isKept: boolean
  readonly #removeAtExit = () => { this.#remove() }

  /**
   * Starts everything and waits until the APIs are ready. Everything ends with this process, even if it fails.
   */
  static async start (options: StageOptions): Promise<Stage> {
    const consumer = new Consumer({ ...options, timeoutMs: DELIVERY_TIMEOUT_MS })
    await consumer.start()
    const folder = mkdtempSync(join(tmpdir(), 'spillway-prove-'))
    const backend = await openBackend(options, folder)
    // Fixed ports, since a restarted process needs the same address.
    const stage = new Stage(options, consumer, folder, backend, await freePorts(backend.apis + WORKERS))
    try {
      for (const program of stage.programs) program.start()
      await backend.redis.complete()
      await stage.#becomesReady()
    } catch (error) {
      await stage.stop()
      throw error
    }
    return stage
  }

  private constructor(
    { path, isKept, rewriting, shards }: StageOptions,
    consumer: Consumer,
    folder: string,
    { redis, way, sharedFolder, env: address }: Backend,
    ports: readonly number[]
  ) {
    this.#isKept = isKept
    this.consumer = consumer
    this.folder = folder
    this.redis = redis
    this.proxy = way
    this.disk = new Disk(join(folder, 'disk'), sharedFolder === undefined)
    process.once('exit', this.#removeAtExit)
    const broken = rewriting && rewrittenStart(rewriting)
    const journal = join(folder, 'syncs.jsonl')
    const program = (name: string, env: Record<string, string>) => new Program({
      name,
      file: process.execPath,
      args: [...NODE_FLAGS, '--import', SYNC_JOURNAL, ...broken?.flags ?? [], SERVER],
      env: {
        PATH: path, ...SETTINGS, QUEUE_SHARDS: String(shards), DELIVERY_URL: consumer.url, DELIVERY_SECRET,
        SYNC_JOURNAL: journal,
        ...broken?.env, ...env
      },
      logFile: join(folder, `${name}.log`)
    })
    const apis = ports.length - WORKERS
    const dataFolderOf = (name: string) => sharedFolder ?? (name === 'api-1' ? this.disk.folder : join(folder, name))
    const start = (name: string, env: Record<string, string>) =>
      program(name, { ...address, DATA_DIR: dataFolderOf(name), ...env })
    const names = ports.map((_, index) => index < apis ? `api-${index + 1}` : `worker-${index + 1 - apis}`)
    this.spools = new Spools(names.slice(0, apis).map(dataFolderOf), journal, join(folder, 'clone'))
    this.apis = names.slice(0, apis).map((name, index) => start(name, { ROLE: 'api', PORT: String(ports[index]) }))
    this.workers = names.slice(apis).map((name, index) =>
      start(name, { ROLE: 'worker', WORKER_PORT: String(ports[apis + index]) }))
    this.urls = ports.slice(0, apis).map((port) => `http://127.0.0.1:${port}`)
  }

  get programs (): readonly Program[] { return [...this.redis.parts, ...this.apis, ...this.workers] }

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
