/*
 * Keeps the number of shards in the control record (see shard-map.ts). The highest QUEUE_SHARDS of all live processes
 * counts: in a rolling restart the first process with a higher number adds shards, and the last one with the higher
 * number removes them. So a process that restarts in between changes nothing.
 */
import type { Redis } from 'ioredis'
import type { Fleet } from '../fleet/member.ts'
import { Scripts } from '../redis/scripts.ts'
import type { QueueKeys } from './keys.ts'
import type { QueueReading } from './reading.ts'
import type { Repair } from './repair.ts'
import { MOST_SHARDS } from './shard-choice.ts'
import { shardRecordOf, type ShardMap, type ShardRecord } from './shard-map.ts'

/** How much longer ids are looked up than they are remembered: processes follow a change one after the other. */
const MARGIN_MS = 10_000

export interface ShardKeeperOptions {
  map: ShardMap
  /** QUEUE_SHARDS of this process. */
  configured: number
  /** How long ids are remembered at most; milliseconds. */
  idempotencyTtlMs: number
  /** Whether a shard holds nothing but receipts. */
  isEmpty: (shard: number) => boolean
  /** Pauses the workers of a new shard. */
  pause: (shard: number) => Promise<void>
}

/** Tries to open a shard while others change the record. */
const MOST_TRIES = 5

export class ShardKeeper {
  readonly #redis: Redis
  readonly #options: ShardKeeperOptions
  readonly #keys: QueueKeys
  readonly #repair: Repair
  readonly #scripts: Scripts<'set-shards'>
  #isChanging = false

  constructor (redis: Redis, keys: QueueKeys, repair: Repair, options: ShardKeeperOptions) {
    this.#redis = redis
    this.#options = options
    this.#keys = keys
    this.#repair = repair
    this.#scripts = new Scripts(redis, import.meta.url, { 'set-shards': 2 })
  }

  /** Follows the record of a reading, and has it changed in the background if the processes want another number. */
  observe (reading: QueueReading): void {
    const { map } = this.#options
    // The record is in the first shard.
    if (reading.awayShards?.includes(0) === true) return
    const record = shardRecordOf(reading.control)
    if (record !== undefined) map.follow(record, reading.redisTimeMs)
    const wanted = this.#wantedBy(reading.fleet)
    const { shards, opened } = record ?? { shards: 1, opened: 1 }
    const needed = Math.max(wanted, this.#leftOpen(record, reading.redisTimeMs))
    if (this.#isChanging || (wanted === shards && needed === opened)) return
    this.#isChanging = true
    // A later reading finds the same and tries again.
    this.#set(reading.isPaused, shards, wanted, needed).catch(() => {}).finally(() => { this.#isChanging = false })
  }

  /** Reads the record, so that the first reading has all shards: later, their totals would look like arrivals. */
  async learn (): Promise<ShardRecord | undefined> {
    const { map } = this.#options
    const fields = ['shards', 'shards-opened', 'shards-earlier'] as const
    const values = await this.#repair.guard(() => this.#redis.hmget(this.#keys.control, ...fields))
    const record = shardRecordOf(Object.fromEntries(fields.map((field, index) => [field, values[index] ?? ''])))
    if (record !== undefined) map.follow(record, 0)
    return record
  }

  /** Has a shard read and worked on that was removed: it got a batch from the spool. */
  async open (shard: number): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const { shards, opened } = await this.learn() ?? { shards: 1, opened: 1 }
      if (opened > shard) return
      await this.#write(shards, shards, shard + 1)
    }
    throw new Error(`shard ${shard} could not be opened again`)
  }

  #wantedBy ({ members }: Fleet): number {
    return Math.max(this.#options.configured, ...members.map(({ queueShards = 1 }) => Math.min(queueShards, MOST_SHARDS)))
  }

  /** Returns the number of the last shard that may hold something, plus 1. */
  #leftOpen (record: ShardRecord | undefined, nowMs: number): number {
    const { isEmpty } = this.#options
    if (record === undefined) return 1
    const remembering = record.earlier.filter(({ untilMs }) => untilMs > nowMs).map(({ shards }) => shards)
    let opened = record.opened
    while (opened > Math.max(record.shards, ...remembering) && isEmpty(opened - 1)) opened--
    return opened
  }

  async #set (isPaused: boolean, known: number, wanted: number, opened: number): Promise<void> {
    if (isPaused) for (let shard = known; shard < wanted; shard++) await this.#options.pause(shard)
    await this.#write(known, wanted, opened)
  }

  async #write (known: number, wanted: number, opened: number): Promise<void> {
    const { idempotencyTtlMs } = this.#options
    await this.#repair.guard(() => this.#scripts.run('set-shards', [
      this.#keys.control, this.#keys.seenCounts, known, wanted, opened, idempotencyTtlMs + MARGIN_MS
    ]))
  }
}
