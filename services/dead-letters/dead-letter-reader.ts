/*
 * Reads or counts dead letters, by id or page by page. Skips those that cannot be read.
 */
import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { QueueKeys } from '../queue/keys.ts'
import { isDamage, type Repair } from '../queue/repair.ts'
import { Scripts } from '../redis/scripts.ts'
import {
  narrowed, type DeadLetterFate, type DeadLetterFilter, type DeadLetterPage, type StoredDeadLetter
} from './dead-letter.ts'
import { DeadLetterScan, PAGE_BYTES, type FoundDeadLetter, type PageBounds } from './dead-letter-scan.ts'
import { decodeBrief, decodeDeadLetter, timeOf, timeOfScore } from './decode-dead-letter.ts'
import { highest, lowest } from './score-range.ts'

/** Characters of dead letters that one turn of the event loop decodes; a longer one takes a turn of its own. */
const TURN_BYTES = 262_144

/** A page of a list ends above this, since a single request has to be cheap. */
const LIST_BYTES = 2_097_152

/** Stands for a dead letter whose key has another type. */
const UNREADABLE = ''

export class DeadLetterReader {
  readonly #redis: Redis
  readonly #keys: QueueKeys
  readonly #repair: Repair
  readonly #scan: DeadLetterScan
  readonly #scripts: Scripts<'dead-letter-fate'>

  /** @param redis a connection made by connectForCommands; the reader does not close it */
  constructor (redis: Redis, keys: QueueKeys, repair: Repair) {
    this.#redis = redis
    this.#keys = keys
    this.#repair = repair
    this.#scan = new DeadLetterScan(redis, keys, repair)
    this.#scripts = new Scripts(redis, import.meta.url, { 'dead-letter-fate': 2 })
  }

  /** @param within the organization whose dead letters may be seen; all by default */
  async get (id: string, within?: string): Promise<StoredDeadLetter | undefined> {
    const [found] = await this.getMany([id])
    return within === undefined || found?.event.organizationId === within ? found : undefined
  }

  /** Returns those of the ids whose dead letters belong to an organization; all of them without one. */
  async idsWithin (ids: readonly string[], within: string | undefined): Promise<readonly string[]> {
    if (within === undefined || ids.length === 0) return ids
    const commands = this.#redis.pipeline()
    for (const id of ids) commands.hmget(this.#keys.deadLetter(id), 'text', 'organizationId')
    const replies = await commands.exec() ?? []
    return ids.filter((_, index) => {
      const [error, reply] = replies[index] as [Error | null, (string | null)[]]
      if (error !== null && !isDamage(error)) throw error
      // The mark of a dead letter that is gone has no text.
      return error === null && reply[0] !== null && reply[1] === within
    })
  }

  /** Returns the fate of the dead letter of an event of a batch; undefined if there was none or it was discarded. */
  async fateOf (batchId: string, index: number): Promise<DeadLetterFate | undefined> {
    const id = deadLetterId(batchId, index)
    const args = [this.#keys.deadLetters, this.#keys.deadLetter(id), id]
    const fate = await this.#repair.guard(() => this.#scripts.run('dead-letter-fate', args))
    const [moved, eventId, deleted, died, brief, score, text, organizationId] = fate as (string | null | undefined)[]
    if (moved != null) return { status: 'moved', place: moved, eventId: eventId ?? '', organizationId: organizationId ?? '' }
    const [deletedAt, diedAt] = [timeOf(Number(deleted)), timeOfScore(died ?? '0')]
    if (deleted != null && deletedAt !== undefined && diedAt !== undefined) {
      return { status: 'deleted', deletedAt, diedAt }
    }
    if (score == null) return undefined
    const deadLetter = brief == null ? undefined : decodeBrief(id, score, brief)
    const [kept] = deadLetter !== undefined ? [deadLetter] : text == null ? [] : this.#decode(id, score, text)
    return kept && { status: 'kept', deadLetter: kept }
  }

  /** Returns those dead letters that exist. */
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

  /** Looks through the dead letters once. The page may hold fewer than `limit`, or none, and still have a next. */
  async scan (filter: DeadLetterFilter, bounds: PageBounds): Promise<DeadLetterPage> {
    const { next, found } = await this.#scan.page(filter, bounds)
    return { deadLetters: await this.#decodeAll(found), next }
  }

  /**
   * Scans on until the page is full or `mostCalls` were made.
   *
   * @param within the organization whose dead letters may be seen; all by default
   */
  async list (
    wanted: DeadLetterFilter, { after, limit, mostCalls }: PageBounds & { mostCalls: number }, within?: string
  ): Promise<DeadLetterPage> {
    const filter = narrowed(wanted, within)
    if (filter === undefined) return { deadLetters: [], next: undefined }
    const deadLetters: StoredDeadLetter[] = []
    let next = after
    let bytes = 0
    for (let calls = 0; calls < mostCalls && deadLetters.length < limit && bytes < LIST_BYTES; calls++) {
      const rest = { after: next, limit: limit - deadLetters.length, mostBytes: LIST_BYTES - bytes }
      const page = await this.#scan.page(filter, rest)
      deadLetters.push(...await this.#decodeAll(page.found))
      for (const { deadLetter } of page.found) bytes += deadLetter.length
      next = page.next
      if (next === undefined) break
    }
    return { deadLetters, next }
  }

  /** Counts the dead letters that match a filter. */
  async count (filter: DeadLetterFilter, until?: string): Promise<number> {
    if (filter.type === undefined && filter.organizationId === undefined && filter.reason === undefined) {
      return await this.#repair.guard(() =>
        this.#redis.zcount(this.#keys.deadLetters, lowest(filter), highest(filter, until)))
    }
    let count = 0
    await this.#scan.each(filter, until, async (ids) => { count += ids.length })
    return count
  }

  /** Returns one page of these dead letters, and the number of ids that it covers: at least one. */
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

  /** Counts those dead letters that exist. */
  async countOf (ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0
    const scores = await this.#repair.guard(() => this.#redis.zmscore(this.#keys.deadLetters, ...ids))
    return scores.filter((score) => score !== null).length
  }

  /** Visits the ids of all dead letters that match a filter, page by page. */
  async each (
    filter: DeadLetterFilter, until: string | undefined, visit: (ids: readonly string[]) => Promise<void>
  ): Promise<void> {
    await this.#scan.each(filter, until, visit)
  }

  /** Returns the score of the latest dead letter; all later ones have a higher score. */
  async lastScore (): Promise<string> {
    return await this.#repair.guard(() => this.#redis.hget(this.#keys.deadLetterFigures, 'last')) ?? '0'
  }

  /** Large dead letters are decoded in turns of their own: a page of them takes longer than one turn may. */
  async #decodeAll (found: readonly FoundDeadLetter[]): Promise<StoredDeadLetter[]> {
    const deadLetters: StoredDeadLetter[] = []
    let bytes = 0
    for (const { id, score, deadLetter } of found) {
      // The turns that parse the answer of Redis and write the HTTP answer have enough work of their own.
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

  /** Skips a dead letter that cannot be read; operators can delete it by its id, or with all others. */
  #decode (id: string, score: string, text: string): StoredDeadLetter[] {
    const deadLetter = decodeDeadLetter(id, score, text)
    if (deadLetter === undefined) this.#repair.report({ key: this.#keys.deadLetter(id) })
    return deadLetter === undefined ? [] : [deadLetter]
  }
}

/** Derives the id of a dead letter from the place of its event, so repeated runs of its batch yield the same id. */
export function deadLetterId (batchId: string, index: number): string {
  return `d-${createHash('sha256').update(`${batchId}:${index}`).digest('hex').slice(0, 32)}`
}
