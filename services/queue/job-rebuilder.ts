import { randomUUID } from 'node:crypto'
import type { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { Scripts } from '../redis/scripts.ts'
import { scanKeys } from '../redis/scan-keys.ts'
import { parseBatchId } from './batch.ts'
import { DUE_BUCKET_MS } from './batch-steps.ts'
import { isDamage, type Damage, type WatchedKey } from './repair.ts'

/** Lists of jobs, in the order of the script that puts jobs back into them. */
const LISTS = [
  ['wait', 'list'], ['prioritized', 'zset'], ['active', 'list'], ['delayed', 'zset'], ['completed', 'zset'],
  ['failed', 'zset']
] as const

/** Most jobs of a list that are looked at for some that cannot be read. */
const MOST_LOOKED_AT = 1_000
/** Fields of a job that BullMQ parses. */
const PARSED_FIELDS = ['data', 'opts', 'progress', 'returnvalue', 'stacktrace'] as const

const KEY_COUNTS = { 'adopt-jobs': 8, 'rebuild-due': 2, unadd: 3 } as const

/** Builds the keys of BullMQ again that were damaged: what jobs there are, the jobs themselves tell. */
export class JobRebuilder {
  readonly #redis: Redis
  readonly #key: (name: string) => string
  readonly #scripts: Scripts<keyof typeof KEY_COUNTS>

  /** @param redis a connection made by connectForCommands */
  constructor (redis: Redis, queue: Queue) {
    this.#redis = redis
    this.#key = (name) => queue.toKey(name)
    this.#scripts = new Scripts(redis, import.meta.url, KEY_COUNTS)
  }

  /**
   * Keys that BullMQ and the count of retries need, and how each is built again; lists before what is counted from
   * them.
   */
  get keys (): WatchedKey[] {
    const adopt = () => this.#adopt()
    return [
      { key: this.#key('id'), type: 'string', numbers: 'value' },
      { key: this.#key('pc'), type: 'string', numbers: 'value' },
      { key: this.#key('limiter'), type: 'string', numbers: 'value' },
      { key: this.#key('meta'), type: 'hash', numbers: ['opts.maxLenEvents', 'concurrency', 'max', 'duration'] },
      { key: this.#key('marker'), type: 'zset' },
      { key: this.#key('events'), type: 'stream' },
      { key: this.#key('stalled'), type: 'set' },
      { key: this.#key('stalled-check'), type: 'string', numbers: 'lease' },
      ...LISTS.map(([name, type]) => ({ key: this.#key(name), type, rebuild: adopt })),
      {
        key: this.#key('due'),
        type: 'hash',
        numbers: 'fields',
        rebuild: async () => {
          await this.#scripts.run('rebuild-due', [...['delayed', 'due'].map(this.#key), this.#key(''), DUE_BUCKET_MS])
        }
      }
    ]
  }

  /** Removes what an add has left that broke off in the middle, before it was booked. */
  async takeBack (batchId: string): Promise<void> {
    await this.#scripts.run('unadd', [...[batchId, 'prioritized', 'delayed'].map(this.#key), batchId])
  }

  /**
   * Takes jobs that cannot be read off the lists from which workers and repairs take them, and renames them aside: a
   * worker that takes one never gets past it. The balance of the ledger shows how many events they held.
   */
  async setAsideUnreadable (): Promise<Damage[]> {
    const [active, wait, prioritized, failed] = ['active', 'wait', 'prioritized', 'failed'].map(this.#key) as [
      string, string, string, string
    ]
    const lists = await Promise.all([
      this.#redis.lrange(active, 0, MOST_LOOKED_AT - 1),
      this.#redis.lrange(wait, -MOST_LOOKED_AT, -1),
      this.#redis.zrange(failed, '0', String(MOST_LOOKED_AT - 1))
    ])
    const damages: Damage[] = []
    for (const id of new Set(lists.flat())) {
      const key = this.#key(id)
      const isReadable = await this.#redis.hmget(key, ...PARSED_FIELDS).then((texts) => texts.every(isJsonOrAbsent), (error: unknown) => {
        if (isDamage(error)) return false
        throw error
      })
      if (isReadable) continue
      const keptAs = `${key}:damaged-${randomUUID()}`
      await this.#redis
        .multi()
        .rename(key, keptAs)
        .lrem(active, 0, id)
        .lrem(wait, 0, id)
        .zrem(prioritized, id)
        .zrem(failed, id)
        .exec()
      damages.push({ key, keptAs })
    }
    return damages
  }

  async #adopt (): Promise<void> {
    const prefix = this.#key('')
    const lists = [...LISTS.map(([name]) => name), 'pc', 'marker'].map(this.#key)
    for await (const names of scanKeys(this.#redis, prefix, '*-*-*')) {
      const ids = names.filter((name) => !name.includes(':') && parseBatchId(name) !== undefined)
      if (ids.length > 0) await this.#scripts.run('adopt-jobs', [...lists, prefix, ...ids])
    }
  }
}

function isJsonOrAbsent (text: string | null): boolean {
  if (text === null) return true
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
