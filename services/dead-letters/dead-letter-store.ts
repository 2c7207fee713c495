/*
 * Keeps dead letters in a set ordered by when they died, and each in a hash of its own; there is no other index. When
 * there are too many, or too many bytes, the oldest of the largest group go, if there is a bound: by default nothing is
 * discarded, and workers take no batch above it. All writes are atomic, under ids that derive from the batch.
 */
import type { Redis } from 'ioredis'
import { LockLostError } from '../queue/lock-lost-error.ts'
import type { QueueKeys } from '../queue/keys.ts'
import { Repair } from '../queue/repair.ts'
import { scanKeys } from '../redis/scan-keys.ts'
import { Scripts } from '../redis/scripts.ts'
import { deadLetterBrief, deadLetterJson, type DeadLetter, type DeadLetterFilter } from './dead-letter.ts'
import { deadLetterId, DeadLetterReader } from './dead-letter-reader.ts'

const KEY_COUNTS = { 'store-dead-letters': 5, 'remove-dead-letters': 3, 'adopt-dead-letters': 1 } as const

const MOST_REMOVED_AT_ONCE = 1_000

/** Characters of a dead letter from which its facts are stored beside it. */
const LARGE_DEAD_LETTER = 16_384

/** Memory that a dead letter takes beside its text: its key, the other fields, its place in the order. */
const DEAD_LETTER_OVERHEAD_BYTES = 800

/** Kinds of dead letters beyond that are one group. */
const MOST_GROUPS = 1_000

/** For this long a dead letter that was taken out is not stored again: a batch may come back after its worker died. */
export const GONE_LIFE_MS = 600_000

export interface DeadLetterStoreOptions {
  /** How many are kept at most; undefined to discard none. */
  mostDeadLetters: number | undefined
  /** How many bytes of them are kept at most; undefined to discard none. */
  mostBytes?: () => number | undefined
  /** Called with how many there are, and their bytes, each time that some were stored. */
  onKept?: (count: number, bytes: number) => void
  /** Called with how many had to go. */
  onDiscarded: (count: number) => void
  /** How long it is known of a dead letter that it was deleted; milliseconds. */
  markLifeMs?: number
  /** Mends damaged keys, and takes reports of dead letters that cannot be read; one of its own by default. */
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
   * Stores dead letters of one batch, all or none. Their ids derive from their places in the batch, so storing them again
   * after a crash changes nothing.
   *
   * @param token of the worker that has the batch: nothing is stored once it is another's
   * @throws LockLostError
   */
  async add (
    batchId: string,
    added: readonly { index: number, deadLetter: DeadLetter }[],
    token?: string
  ): Promise<void> {
    const args = added.flatMap(({ index, deadLetter }) => {
      const { event: { type, organizationId = '' }, reason } = deadLetter
      const text = deadLetterJson(deadLetter)
      const brief = text.length < LARGE_DEAD_LETTER ? '' : deadLetterBrief(deadLetter)
      return [deadLetterId(batchId, index), text, type, organizationId, reason, brief]
    })
    const { mostDeadLetters = '', mostBytes, onKept } = this.#options
    const { deadLetters, deadLetterFigures, deadLetterGroups, deadLetterCursors, deadLetterPrefix, jobs } = this.#keys
    const reply = await this.#run('store-dead-letters', [
      deadLetters, deadLetterFigures, jobs.lockOf(batchId), deadLetterGroups, deadLetterCursors, deadLetterPrefix,
      mostDeadLetters, token ?? '', mostBytes?.() ?? '', MOST_GROUPS, DEAD_LETTER_OVERHEAD_BYTES, ...args
    ])
    if (reply === null) throw new LockLostError(batchId)
    const [discarded, kept, bytes] = reply as [number, number, number]
    onKept?.(kept, bytes)
    if (discarded > 0) this.#options.onDiscarded(discarded)
  }

  async delete (id: string): Promise<boolean> {
    return await this.#remove([id]) === 1
  }

  /** Deletes what a filter lets pass and was there when it began; answers how many. */
  async deleteMatching (filter: DeadLetterFilter): Promise<number> {
    let deleted = 0
    await this.each(filter, await this.lastScore(), async (ids) => { deleted += await this.#remove(ids) })
    return deleted
  }

  /** Part of a repair, so it must not wait for one. */
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
