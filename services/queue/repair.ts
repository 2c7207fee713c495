/*
 * Repairs keys in Redis that another program or a restored backup has damaged. A key of the wrong type is renamed,
 * never deleted, and rebuilt: the lists of jobs from the jobs, the ledger from the lists. An entry that should be a
 * number and is not is removed. The normal path has no checks: a check runs after a script fails on damage, and every
 * ten seconds in the process that settles, for keys that no script fails on.
 */
import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { isReply } from '../redis/outage.ts'
import { Scripts } from '../redis/scripts.ts'
import { DamagedBatchError } from './damaged-batch-error.ts'
import type { QueueKeys } from './keys.ts'

/** A key that Spillway reads, with its required type. */
export interface WatchedKey {
  readonly key: string
  readonly type: 'string' | 'hash' | 'list' | 'set' | 'zset' | 'stream'
  /**
   * The parts that have to be numbers: the value itself, each field, or these fields of the hash. A lease has to
   * expire.
   */
  readonly numbers?: 'value' | 'fields' | 'lease' | readonly string[]
  /** Rebuilds the key after it was renamed or an entry was removed. */
  readonly rebuild?: () => Promise<void>
}

/** An unreadable key or entry in Redis. */
export interface Damage {
  readonly key: string
  /** Present name of a key that was of the wrong type. */
  readonly keptAs?: string
  /** An entry that was skipped or removed. */
  readonly entry?: string
  /** The batch of a job that was set aside: none of its events is delivered. */
  readonly batch?: DamagedBatch
}

/** A batch that was set aside. */
export interface DamagedBatch {
  readonly id: string
  readonly priority: number
  /** Their number, according to the id. */
  readonly events: number
}

const MOST_REPORTED = 1_000

const DAMAGE =
  /\bWRONGTYPE\b|is not an integer|not a valid float|is not a float|increment or decrement would overflow|attempt to (?:compare|perform arithmetic|concatenate|index|get length)/

/** Whether a script failed on damaged data in Redis. */
export function isDamage (error: unknown): boolean {
  return isReply(error) && DAMAGE.test((error as Error).message)
}

/** Whether data in Redis is unreadable, by a script, as JSON or by its checksum. */
export function isUnreadable (error: unknown): boolean {
  return error instanceof SyntaxError || error instanceof DamagedBatchError || isDamage(error)
}

export class Repair {
  readonly #redis: Redis
  readonly #scripts: Scripts<'repair'>
  readonly #onDamage: (damage: Damage) => void
  readonly #keys: QueueKeys
  readonly #watched = new Map<string, WatchedKey>()
  readonly #reported = new Set<string>()
  #check: Promise<void> | undefined

  /** @param onDamage called once for each key, and again if it is damaged after a repair */
  constructor (redis: Redis, keys: QueueKeys, onDamage: (damage: Damage) => void) {
    this.#redis = redis
    this.#keys = keys
    // Redis keeps the names of damaged keys until they are rebuilt, so another process can finish the work of one that
    // died.
    this.watch([{ key: keys.repairs, type: 'set' }])
    this.#onDamage = onDamage
    this.#scripts = new Scripts(redis, import.meta.url, { repair: undefined })
  }

  watch (keys: readonly WatchedKey[]): void {
    for (const watched of keys) this.#watched.set(watched.key, watched)
  }

  /** Reports a skipped entry, once for each key. */
  report (damage: Damage): void {
    if (this.#reported.has(damage.key)) return
    if (this.#reported.size >= MOST_REPORTED) this.#reported.clear()
    this.#reported.add(damage.key)
    this.#onDamage(damage)
  }

  /**
   * Runs work; if it fails on damage, checks all keys and runs it once more.
   *
   * @param undo removes the effects of a failed first try
   */
  async guard<Result> (work: () => Promise<Result>, undo?: () => Promise<unknown>): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      if (!isDamage(error)) throw error
      await this.check()
      await undo?.()
      return await work()
    }
  }

  /** Checks all keys and repairs damaged ones. Concurrent callers share one check. */
  async check (): Promise<void> {
    this.#check ??= this.#run().finally(() => { this.#check = undefined })
    await this.#check
  }

  async #run (): Promise<void> {
    const watched = [...this.#watched.values()]
    const unique = randomUUID()
    const rules = watched.flatMap(({ type, numbers = '' }) => [
      type, typeof numbers === 'string' ? numbers : numbers.join(',')
    ])
    const [found, pending] = await this.#scripts.run('repair', [
      1 + 2 * watched.length, this.#keys.repairs, ...watched.flatMap(({ key }) => [key, this.#keys.aside(key, unique)]),
      ...rules
    ]) as [found: string[], pending: string[]]
    for (let index = 0; index < found.length; index += 3) {
      const [key, keptAs, entry] = found.slice(index, index + 3) as [string, string, string]
      this.#onDamage({ key, ...(keptAs !== '' && { keptAs }), ...(entry !== '' && { entry }) })
    }
    // In the order of the watched keys: the ledger is rebuilt from the lists.
    const rebuilding = watched.filter(({ key }) => pending.includes(key))
    for (const { key, rebuild } of rebuilding) {
      await rebuild?.()
      await this.#redis.srem(this.#keys.repairs, key)
    }
  }
}
