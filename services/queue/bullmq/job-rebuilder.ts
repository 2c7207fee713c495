import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { scanKeys } from '../../redis/scan-keys.ts'
import { parseBatchId } from '../batch.ts'
import { isIntact } from '../checksum.ts'
import { DUE_BUCKET_MS } from '../batch-steps.ts'
import type { QueueKeys } from '../keys.ts'
import { isDamage, type Damage, type WatchedKey } from '../repair.ts'
import { loadJobScripts, type JobScripts } from './job-scripts.ts'

/** Most jobs of a list that are checked for unreadable ones. */
const MOST_LOOKED_AT = 1_000
/** Fields of a job that BullMQ parses, the data first. */
const PARSED_FIELDS = ['data', 'opts', 'progress', 'returnvalue', 'stacktrace'] as const

/** Rebuilds damaged keys of BullMQ from the hashes of the jobs. */
export class JobRebuilder {
  readonly #redis: Redis
  readonly #keys: QueueKeys
  readonly #scripts: JobScripts

  /** @param redis a connection made by connectForCommands */
  constructor (redis: Redis, keys: QueueKeys) {
    this.#redis = redis
    this.#keys = keys
    this.#scripts = loadJobScripts(redis)
  }

  /** The keys of BullMQ and of the count of retries, and how each is rebuilt; lists come before the counts of them. */
  get keys (): WatchedKey[] {
    const rebuild = () => this.#adopt()
    const { jobs, due } = this.#keys
    return [
      { key: jobs.lastId, type: 'string', numbers: 'value' },
      { key: jobs.priorityCounter, type: 'string', numbers: 'value' },
      { key: jobs.limiter, type: 'string', numbers: 'value' },
      { key: jobs.meta, type: 'hash', numbers: ['opts.maxLenEvents', 'concurrency', 'max', 'duration'] },
      { key: jobs.marker, type: 'zset' },
      { key: jobs.events, type: 'stream' },
      { key: jobs.stalled, type: 'set' },
      { key: jobs.stalledCheck, type: 'string', numbers: 'lease' },
      { key: jobs.wait, type: 'list', rebuild },
      { key: jobs.prioritized, type: 'zset', rebuild },
      { key: jobs.active, type: 'list', rebuild },
      { key: jobs.delayed, type: 'zset', rebuild },
      { key: jobs.completed, type: 'zset', rebuild },
      { key: jobs.failed, type: 'zset', rebuild },
      {
        key: due,
        type: 'hash',
        numbers: 'fields',
        rebuild: async () => {
          await this.#scripts.run('rebuild-due', [jobs.delayed, due, jobs.prefix, DUE_BUCKET_MS])
        }
      }
    ]
  }

  /** Removes the rest of an add that broke off before it was booked. */
  async takeBack (batchId: string): Promise<void> {
    const { jobs } = this.#keys
    await this.#scripts.run('unadd', [jobs.of(batchId), jobs.prioritized, jobs.delayed, batchId])
  }

  /**
   * Removes unreadable jobs, and those with a wrong checksum, from the lists and renames them: a worker that took one
   * could never continue. The balance of the ledger shows how many events they held.
   */
  async setAsideUnreadable (): Promise<Damage[]> {
    const { active, wait, prioritized, failed } = this.#keys.jobs
    const lists = await Promise.all([
      this.#redis.lrange(active, 0, MOST_LOOKED_AT - 1),
      this.#redis.lrange(wait, -MOST_LOOKED_AT, -1),
      this.#redis.zrange(failed, '0', String(MOST_LOOKED_AT - 1))
    ])
    const damages: Damage[] = []
    for (const id of new Set(lists.flat())) {
      const key = this.#keys.jobs.of(id)
      const isReadable = await this.#redis.hmget(key, ...PARSED_FIELDS).then(
        (texts) => texts.every(isJsonOrAbsent) && isIntact(id, texts[0] ?? ''),
        (error: unknown) => {
          if (isDamage(error)) return false
          throw error
        }
      )
      if (isReadable) continue
      const keptAs = this.#keys.aside(key, randomUUID())
      const replies = await this.#redis
        .multi()
        .rename(key, keptAs)
        .del(this.#keys.jobs.lockOf(id))
        .lrem(active, 0, id)
        .lrem(wait, 0, id)
        .zrem(prioritized, id)
        .zrem(failed, id)
        .exec()
      // Otherwise another process has set it aside meanwhile, and reports it.
      if (replies?.[0]?.[0] === null) damages.push({ key, keptAs, ...batchOf(id) })
    }
    return damages
  }

  async #adopt (): Promise<void> {
    const { wait, prioritized, active, delayed, completed, failed, priorityCounter, marker, prefix } = this.#keys.jobs
    const lists = [wait, prioritized, active, delayed, completed, failed, priorityCounter, marker]
    for await (const names of scanKeys(this.#redis, prefix, '*-*-*')) {
      const ids = names.filter((name) => !name.includes(':') && parseBatchId(name) !== undefined)
      if (ids.length > 0) await this.#scripts.run('adopt-jobs', [...lists, prefix, ...ids])
    }
  }
}

/** Returns nothing for a job that Spillway did not make. */
function batchOf (id: string): Pick<Damage, 'batch'> {
  const parsed = parseBatchId(id)
  return parsed === undefined ? {} : { batch: { id, priority: parsed.priority, events: parsed.count } }
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
