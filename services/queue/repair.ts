/*
 * Mends what somebody else's hand, or a restored backup, has damaged in Redis. A key of the wrong type is renamed
 * aside, never deleted, and built again from what there is: the lists of jobs from the jobs themselves, the ledger from
 * the lists. An entry that is no number where numbers are counted is taken out. Nothing is looked at on the good path:
 * a check runs when a script trips over a damage, and every ten seconds in the process that settles, for keys over
 * which nobody trips.
 */
import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { isReply } from '../redis/outage.ts'
import { Scripts } from '../redis/scripts.ts'
import type { QueueKeys } from './keys.ts'

/** A key that Spillway reads, and what it has to be. */
export interface WatchedKey {
  readonly key: string
  readonly type: 'string' | 'hash' | 'list' | 'set' | 'zset' | 'stream'
  /**
   * The part that has to be a number: the value itself, each field, or these fields of the hash. A lease has to end.
   */
  readonly numbers?: 'value' | 'fields' | 'lease' | readonly string[]
  /** Builds it again from what there is, after it was renamed aside or an entry was taken out. */
  readonly rebuild?: () => Promise<void>
}

/** Something in Redis that could not be read. */
export interface Damage {
  readonly key: string
  /** Present name of a key that was of the wrong type. */
  readonly keptAs?: string
  /** An entry that was passed over or taken out. */
  readonly entry?: string
}

const MOST_REPORTED = 1_000

const DAMAGE = /\bWRONGTYPE\b|is not an integer|not a valid float|is not a float|increment or decrement would overflow|attempt to (?:compare|perform arithmetic|concatenate|index|get length)/

/** Whether a script tripped over something in Redis that is not what it has to be. */
export function isDamage (error: unknown): boolean {
  return isReply(error) && DAMAGE.test((error as Error).message)
}

/** Whether something in Redis cannot be read, by a script or as JSON. */
export function isUnreadable (error: unknown): boolean {
  return error instanceof SyntaxError || isDamage(error)
}

export class Repair {
  readonly #redis: Redis
  readonly #scripts: Scripts<'repair'>
  readonly #onDamage: (damage: Damage) => void
  readonly #keys: QueueKeys
  readonly #watched = new Map<string, WatchedKey>()
  readonly #reported = new Set<string>()
  #check: Promise<void> | undefined

  /** @param onDamage called once for each key, unless it is repaired and damaged again */
  constructor (redis: Redis, keys: QueueKeys, onDamage: (damage: Damage) => void) {
    this.#redis = redis
    this.#keys = keys
    // Redis keeps the names of damaged keys that are not yet built again: a process that dies in between leaves the
    // rest to another.
    this.watch([{ key: keys.repairs, type: 'set' }])
    this.#onDamage = onDamage
    this.#scripts = new Scripts(redis, import.meta.url, { repair: undefined })
  }

  watch (keys: readonly WatchedKey[]): void {
    for (const watched of keys) this.#watched.set(watched.key, watched)
  }

  /** Says that an entry was passed over; once for each key. */
  report (damage: Damage): void {
    if (this.#reported.has(damage.key)) return
    if (this.#reported.size >= MOST_REPORTED) this.#reported.clear()
    this.#reported.add(damage.key)
    this.#onDamage(damage)
  }

  /**
   * Does some work; when it trips over a damage, all keys are checked and it is done once more.
   *
   * @param undo takes back what a first try may have left
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

  /** Checks all keys and repairs those that are damaged. Callers while it runs share it. */
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
    // In the order in which they are watched: the ledger is built from the lists.
    const rebuilding = watched.filter(({ key }) => pending.includes(key))
    for (const { key, rebuild } of rebuilding) {
      await rebuild?.()
      await this.#redis.srem(this.#keys.repairs, key)
    }
  }
}
