/*
 * Keeps dead letters in a set ordered by when they died, and each in a hash of its own. There is no other index;
 * dead-letter-scan.ts looks through the set. When there are too many, or too many bytes, the oldest of the largest group go, if
 * there is a bound: by default nothing is discarded, and workers take no batch above it. All that is written is written
 * atomically, under ids that derive from the batch.
 */
import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { QueueKeys } from '../queue/keys.ts'
import { isDamage, Repair } from '../queue/repair.ts'
import { Scripts } from '../redis/scripts.ts'
import { scanKeys } from '../redis/scan-keys.ts'
import { LockLostError } from '../queue/lock-lost-error.ts'
import {
  deadLetterBrief, deadLetterJson, type DeadLetter, type DeadLetterFate, type DeadLetterFigures, type DeadLetterFilter, type DeadLetterPage,
  type StoredDeadLetter
} from './dead-letter.ts'
import { DeadLetterScan, PAGE_BYTES, type FoundDeadLetter } from './dead-letter-scan.ts'
import { highest, lowest } from './score-range.ts'
import { decodeBrief, decodeDeadLetter, timeOf, timeOfScore } from './decode-dead-letter.ts'

const KEY_COUNTS = { 'store-dead-letters': 5, 'remove-dead-letters': 3, 'dead-letter-fate': 2, 'adopt-dead-letters': 1 } as const

const MOST_REMOVED_AT_ONCE = 1_000

/** Characters of a dead letter from which its facts are stored beside it. */
const LARGE_DEAD_LETTER = 16_384

/** Memory that a dead letter takes beside its text: its key, the other fields, its place in the order. */
const DEAD_LETTER_OVERHEAD_BYTES = 800

/** Characters of dead letters that are read in one turn of the event loop, or a single longer one. */
const TURN_BYTES = 262_144

/** A page of a list ends above this: it is answered to one request, which has to be cheap. */
const LIST_BYTES = 2_097_152

/** Kinds of dead letters beyond that are one group. */
const MOST_GROUPS = 1_000

/** In place of a dead letter under a key of another type. */
const UNREADABLE = ''

/** For this long a dead letter that was taken out is not stored again: longer than a batch keeps coming back after its worker died. */
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

export class DeadLetterStore {
  readonly #redis: Redis
  readonly #keys: QueueKeys
  readonly #options: DeadLetterStoreOptions
  readonly #repair: Repair
  readonly #scan: DeadLetterScan
  readonly #scripts: Scripts<keyof typeof KEY_COUNTS>

  /** @param redis a connection made by connectForCommands; the store does not close it */
  constructor (redis: Redis, keys: QueueKeys, options: DeadLetterStoreOptions) {
    this.#redis = redis
    this.#keys = keys
    this.#options = options
    this.#scripts = new Scripts(redis, import.meta.url, KEY_COUNTS)
    this.#repair = options.repair ?? new Repair(redis, keys, () => {})
    this.#scan = new DeadLetterScan(redis, keys, this.#repair)
    this.#repair.watch([
      { key: keys.deadLetters, type: 'zset', rebuild: () => this.#rebuild() },
      { key: keys.deadLetterFigures, type: 'hash', numbers: 'fields' },
      { key: keys.deadLetterGroups, type: 'zset' },
      { key: keys.deadLetterCursors, type: 'hash', numbers: 'fields' }
    ])
  }

  /**
   * Stores dead letters of one batch, all or none. Their ids derive from the batch and the place of the event in it, so storing
   * them again after a crash changes nothing.
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

  async get (id: string): Promise<StoredDeadLetter | undefined> {
    return (await this.getMany([id]))[0]
  }

  /**
   * The dead letter of an event of a batch, or what became of it; undefined for an event that became none, or whose letter
   * was discarded.
   */
  async fateOf (batchId: string, index: number): Promise<DeadLetterFate | undefined> {
    const id = deadLetterId(batchId, index)
    const [moved, eventId, deleted, died, brief, score, text] = await this.#run('dead-letter-fate', [
      this.#keys.deadLetters, this.#keys.deadLetter(id), id
    ]) as (string | null | undefined)[]
    if (moved != null) return { status: 'moved', place: moved, eventId: eventId ?? '' }
    const [deletedAt, diedAt] = [timeOf(Number(deleted)), timeOfScore(died ?? '0')]
    if (deleted != null && deletedAt !== undefined && diedAt !== undefined) {
      return { status: 'deleted', deletedAt, diedAt }
    }
    if (score == null) return undefined
    const deadLetter = brief == null ? undefined : decodeBrief(id, score, brief)
    const [kept] = deadLetter !== undefined ? [deadLetter] : text == null ? [] : this.#decode(id, score, text)
    return kept && { status: 'kept', deadLetter: kept }
  }

  /** Those of the dead letters that are there. */
  async getMany (ids: readonly string[]): Promise<StoredDeadLetter[]> {
    if (ids.length === 0) return []
    const commands = this.#redis.multi()
    for (const id of ids) commands.hget(this.#keys.deadLetter(id), 'text').zscore(this.#keys.deadLetters, id)
    const replies = (await commands.exec() ?? []).map(([error, reply]) => {
      if (error === null) return reply as string | null
      if (!isDamage(error)) throw error
      return UNREADABLE
    })
    return await this.#decodeAll(ids.flatMap((id, index) => {
      const [deadLetter, score] = [replies[index * 2], replies[index * 2 + 1]]
      return typeof deadLetter === 'string' && typeof score === 'string' ? [{ id, score, deadLetter }] : []
    }))
  }

  /**
   * Looks through the dead letters in the order of their death, once. The page may hold fewer than `limit`, or none, and still have a next.
   *
   * @param after score of the last dead letter of the page before
   * @param until score of the last dead letter to look at
   */
  async scan (filter: DeadLetterFilter, { after, until, limit }: { after?: string | undefined, until?: string | undefined, limit: number }): Promise<DeadLetterPage> {
    const { next, found } = await this.#scan.page(filter, { after, until, limit })
    return { deadLetters: await this.#decodeAll(found), next }
  }

  /** Scans on until the page is full or `mostCalls` were made. */
  async list (filter: DeadLetterFilter, { after, limit, mostCalls }: { after?: string | undefined, limit: number, mostCalls: number }): Promise<DeadLetterPage> {
    const deadLetters: StoredDeadLetter[] = []
    let next = after
    let bytes = 0
    for (let calls = 0; calls < mostCalls && deadLetters.length < limit && bytes < LIST_BYTES; calls++) {
      const page = await this.#scan.page(filter, { after: next, limit: limit - deadLetters.length, mostBytes: LIST_BYTES - bytes })
      deadLetters.push(...await this.#decodeAll(page.found))
      for (const { deadLetter } of page.found) bytes += deadLetter.length
      next = page.next
      if (next === undefined) break
    }
    return { deadLetters, next }
  }

  /** Dead letters of large events are read in turns of their own: a page of them takes longer than one turn may. */
  async #decodeAll (found: readonly FoundDeadLetter[]): Promise<StoredDeadLetter[]> {
    const deadLetters: StoredDeadLetter[] = []
    let bytes = 0
    for (const { id, score, deadLetter } of found) {
      // The turns of the answer of Redis, and of the answer made of the dead letters, have work of their own.
      if (deadLetter.length > TURN_BYTES) await nextTurn()
      deadLetters.push(...this.#decode(id, score, deadLetter))
      bytes += deadLetter.length
      if (bytes > TURN_BYTES) {
        await nextTurn()
        bytes = 0
      }
    }
    return deadLetters
  }

  /** How many dead letters a filter lets pass. */
  async count (filter: DeadLetterFilter, until?: string): Promise<number> {
    if (filter.type === undefined && filter.organizationId === undefined && filter.reason === undefined) {
      return await this.#repair.guard(() => this.#redis.zcount(this.#keys.deadLetters, lowest(filter), highest(filter, until)))
    }
    let count = 0
    await this.#scan.each(filter, until, async (ids) => { count += ids.length })
    return count
  }

  /** The first of these, as many as make up a page, and how many ids were looked at for it: at least one. */
  async getPage (ids: readonly string[]): Promise<{ deadLetters: StoredDeadLetter[], looked: number }> {
    if (ids.length === 0) return { deadLetters: [], looked: 0 }
    const sizes = this.#redis.pipeline()
    for (const id of ids) sizes.hstrlen(this.#keys.deadLetter(id), 'text')
    let looked = 0
    let bytes = 0
    for (const [error, size] of await sizes.exec() ?? []) {
      if (error !== null && !isDamage(error)) throw error
      bytes += error === null ? size as number : 0
      if (looked > 0 && bytes > PAGE_BYTES) break
      looked++
    }
    return { deadLetters: await this.getMany(ids.slice(0, looked)), looked }
  }

  /** How many of these are there. */
  async countOf (ids: readonly string[]): Promise<number> {
    const scores = ids.length === 0 ? [] : await this.#repair.guard(() => this.#redis.zmscore(this.#keys.deadLetters, ...ids))
    return scores.filter((score) => score !== null).length
  }

  async delete (id: string): Promise<boolean> {
    return await this.#remove([id]) === 1
  }

  /** Deletes what a filter lets pass and was there when it began; answers how many. */
  async deleteMatching (filter: DeadLetterFilter): Promise<number> {
    let deleted = 0
    await this.#scan.each(filter, await this.lastScore(), async (ids) => { deleted += await this.#remove(ids) })
    return deleted
  }

  /** The score of the dead letter that died last; what dies from now on has a higher one. */
  async lastScore (): Promise<string> {
    return await this.#repair.guard(() => this.#redis.hget(this.#keys.deadLetterFigures, 'last')) ?? '0'
  }

  async figures (): Promise<DeadLetterFigures> {
    const [kept, [bytes, discarded, replayed]] = await this.#repair.guard(() =>
      Promise.all([this.#redis.zcard(this.#keys.deadLetters), this.#redis.hmget(this.#keys.deadLetterFigures, 'bytes', 'discarded', 'replayed')])
    )
    return {
      kept, bytes: Math.max(0, Number(bytes ?? 0) || 0), discarded: Number(discarded ?? 0) || 0, replayed: Number(replayed ?? 0) || 0
    }
  }

  /** A dead letter that cannot be read is passed over; it can be deleted by its id, or along with all. */
  #decode (id: string, score: string, text: string): StoredDeadLetter[] {
    const deadLetter = decodeDeadLetter(id, score, text)
    if (deadLetter === undefined) this.#repair.report({ key: this.#keys.deadLetter(id) })
    return deadLetter === undefined ? [] : [deadLetter]
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

/** Names a dead letter by where its event was, so that it has one name however often its batch is run. */
function deadLetterId (batchId: string, index: number): string {
  return `d-${createHash('sha256').update(`${batchId}:${index}`).digest('hex').slice(0, 32)}`
}
