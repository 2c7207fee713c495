/*
 * Keeps dead letters in a set ordered by the time of death, and each in a hash of its own; there is no other index.
 * With a bound on their number or bytes, the oldest of the largest group are discarded. By default nothing is
 * discarded, and workers take no batch while there are too many. All writes are atomic, and the ids derive from the
 * batch.
 */
import type { Redis } from 'ioredis'
import { FIRST_SHARD } from '../queue/batch.ts'
import { LockLostError } from '../queue/lock-lost-error.ts'
import { sealed } from '../queue/checksum.ts'
import type { QueueKeys } from '../queue/keys.ts'
import { Repair } from '../queue/repair.ts'
import { shardNumberOf } from '../queue/shard-list.ts'
import { scanKeys } from '../redis/scan-keys.ts'
import { Scripts } from '../redis/scripts.ts'
import { deadLetterBrief, deadLetterJson, narrowed, type DeadLetter, type DeadLetterFilter } from './dead-letter.ts'
import { deadLetterId, DeadLetterReader } from './dead-letter-reader.ts'

const KEY_COUNTS = { 'store-dead-letters': 5, 'remove-dead-letters': 3, 'adopt-dead-letters': 1 } as const

const MOST_REMOVED_AT_ONCE = 1_000

/** A dead letter of at least this many characters has its facts stored beside it. */
const LARGE_DEAD_LETTER = 16_384

/** Memory that a dead letter takes beside its text: its key, the other fields, its place in the order. */
const DEAD_LETTER_OVERHEAD_BYTES = 800

/** Kinds of dead letters beyond this number form one group. */
const MOST_GROUPS = 1_000

/** A removed dead letter is not stored again within this time: its batch may run again after its worker died. */
export const GONE_LIFE_MS = 600_000

export interface DeadLetterStoreOptions {
  /** Most dead letters that are kept; undefined to discard none. */
  mostDeadLetters: number | undefined
  /** Most bytes of dead letters that are kept; undefined to discard none. */
  mostBytes?: () => number | undefined
  /** Called with the number of dead letters and their bytes whenever some were stored. */
  onKept?: (count: number, bytes: number) => void
  /** Called with the number of discarded dead letters. */
  onDiscarded: (count: number) => void
  /** How long the deletion of a dead letter is remembered, in milliseconds. */
  markLifeMs?: number
  /**
   * Whether a worker still has a batch of a shard other than that of the dead letters; absent if there is none. A script
   * cannot reach both.
   */
  hasLock?: (batchId: string, token: string) => Promise<boolean>
  /** Mends damaged keys, and receives reports of unreadable dead letters; created if absent. */
  repair?: Repair
}

export class DeadLetterStore extends DeadLetterReader {
  readonly #redis: Redis
  readonly #keys: QueueKeys
  readonly #options: DeadLetterStoreOptions
  readonly #repair: Repair
  readonly #scripts: Scripts<keyof typeof KEY_COUNTS>

  /** @param redis a connection made by connectForCommands; the store does not close it */
  constructor (redis: Redis, keys: QueueKeys, options: DeadLetterStoreOptions) {
    const repair = options.repair ?? new Repair(redis, keys, () => {})
    super(redis, keys, repair)
    this.#redis = redis
    this.#keys = keys
    this.#options = options
    this.#repair = repair
    this.#scripts = new Scripts(redis, import.meta.url, KEY_COUNTS)
    repair.watch([
      { key: keys.deadLetters, type: 'zset', rebuild: () => this.#rebuild() },
      { key: keys.deadLetterFigures, type: 'hash', numbers: 'fields' },
      { key: keys.deadLetterGroups, type: 'zset' },
      { key: keys.deadLetterCursors, type: 'hash', numbers: 'fields' }
    ])
  }

  /**
   * Stores dead letters of one batch, all or none. Their ids derive from their places in the batch, so storing them
   * again after a crash has no effect. If the batch is in another shard, a worker that loses it in that moment stores
   * them nevertheless: the other worker stores them under the same ids, or the event has two outcomes.
   *
   * @param token of the worker that owns the batch: nothing is stored once another worker owns it
   * @throws LockLostError
   */
  async add (
    batchId: string,
    added: readonly { index: number, deadLetter: DeadLetter }[],
    token?: string
  ): Promise<void> {
    const args = added.flatMap(({ index, deadLetter }) => {
      const { event: { type, organizationId = '' }, reason } = deadLetter
      const id = deadLetterId(batchId, index)
      const text = sealed(id, deadLetterJson(deadLetter))
      const brief = text.length < LARGE_DEAD_LETTER ? '' : deadLetterBrief(deadLetter)
      return [id, text, type, organizationId, reason, brief]
    })
    const { mostDeadLetters = '', mostBytes, onKept, hasLock } = this.#options
    const isElsewhere = shardNumberOf(batchId) !== FIRST_SHARD
    if (isElsewhere && token !== undefined && hasLock !== undefined && !await hasLock(batchId, token)) {
      throw new LockLostError(batchId)
    }
    const { deadLetters, deadLetterFigures, deadLetterGroups, deadLetterCursors, deadLetterPrefix, jobs } = this.#keys
    const reply = await this.#run('store-dead-letters', [
      deadLetters, deadLetterFigures, jobs.lockOf(batchId), deadLetterGroups, deadLetterCursors, deadLetterPrefix,
      mostDeadLetters, isElsewhere ? '' : token ?? '', mostBytes?.() ?? '', MOST_GROUPS, DEAD_LETTER_OVERHEAD_BYTES, ...args
    ])
    if (reply === null) throw new LockLostError(batchId)
    const [discarded, kept, bytes] = reply as [number, number, number]
    onKept?.(kept, bytes)
    if (discarded > 0) this.#options.onDiscarded(discarded)
  }

  /** @param within the organization whose dead letters may be deleted; all by default */
  async delete (id: string, within?: string): Promise<boolean> {
    return await this.#remove(await this.idsWithin([id], within)) === 1
  }

  /**
   * Deletes dead letters that match a filter and existed when it began; returns their number.
   *
   * @param within the organization whose dead letters may be deleted; all by default
   */
  async deleteMatching (wanted: DeadLetterFilter, within?: string): Promise<number> {
    const filter = narrowed(wanted, within)
    if (filter === undefined) return 0
    let deleted = 0
    await this.each(filter, await this.lastScore(), async (ids) => { deleted += await this.#remove(ids) })
    return deleted
  }

  /** Runs within a repair, so it must not wait for one. */
  async #rebuild (): Promise<void> {
    const { deadLetters, deadLetterPrefix } = this.#keys
    for await (const ids of scanKeys(this.#redis, deadLetterPrefix, 'd-*')) {
      if (ids.length > 0) await this.#scripts.run('adopt-dead-letters', [deadLetters, deadLetterPrefix, ...ids])
    }
  }

  #run (name: keyof typeof KEY_COUNTS, args: readonly (string | number)[]): Promise<unknown> {
    return this.#repair.guard(() => this.#scripts.run(name, args))
  }

  async #remove (ids: readonly string[]): Promise<number> {
    let removed = 0
    for (let first = 0; first < ids.length; first += MOST_REMOVED_AT_ONCE) {
      removed += (await this.#run('remove-dead-letters', [
        this.#keys.deadLetters,
        this.#keys.deadLetterFigures,
        this.#keys.deadLetterGroups,
        this.#keys.deadLetterPrefix,
        Math.max(this.#options.markLifeMs ?? 0, GONE_LIFE_MS),
        ...ids.slice(first, first + MOST_REMOVED_AT_ONCE)
      ])) as number
    }
    return removed
  }
}
