/*
 * Reads dead letters: by id, page by page, or only how many there are. Those that cannot be read are passed over.
 */
import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { QueueKeys } from '../queue/keys.ts'
import { isDamage, type Repair } from '../queue/repair.ts'
import { Scripts } from '../redis/scripts.ts'
import type {
  DeadLetterFate, DeadLetterFigures, DeadLetterFilter, DeadLetterPage, StoredDeadLetter
} from './dead-letter.ts'
import { DeadLetterScan, PAGE_BYTES, type FoundDeadLetter, type PageBounds } from './dead-letter-scan.ts'
import { decodeBrief, decodeDeadLetter, timeOf, timeOfScore } from './decode-dead-letter.ts'
import { highest, lowest } from './score-range.ts'

/** Characters of dead letters that are read in one turn of the event loop, or a single longer one. */
const TURN_BYTES = 262_144

/** A page of a list ends above this: it is answered to one request, which has to be cheap. */
const LIST_BYTES = 2_097_152

/** In place of a dead letter under a key of another type. */
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

  async get (id: string): Promise<StoredDeadLetter | undefined> {
    return (await this.getMany([id]))[0]
  }

  /** The dead letter of an event of a batch, or what became of it; undefined if it became none or was discarded. */
  async fateOf (batchId: string, index: number): Promise<DeadLetterFate | undefined> {
    const id = deadLetterId(batchId, index)
    const args = [this.#keys.deadLetters, this.#keys.deadLetter(id), id]
    const fate = await this.#repair.guard(() => this.#scripts.run('dead-letter-fate', args))
    const [moved, eventId, deleted, died, brief, score, text] = fate as (string | null | undefined)[]
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

  /** Looks through the dead letters once. The page may hold fewer than `limit`, or none, and still have a next. */
  async scan (filter: DeadLetterFilter, bounds: PageBounds): Promise<DeadLetterPage> {
    const { next, found } = await this.#scan.page(filter, bounds)
    return { deadLetters: await this.#decodeAll(found), next }
  }

  /** Scans on until the page is full or `mostCalls` were made. */
  async list (
    filter: DeadLetterFilter, { after, limit, mostCalls }: PageBounds & { mostCalls: number }
  ): Promise<DeadLetterPage> {
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

  /** How many dead letters a filter lets pass. */
  async count (filter: DeadLetterFilter, until?: string): Promise<number> {
    if (filter.type === undefined && filter.organizationId === undefined && filter.reason === undefined) {
      return await this.#repair.guard(() =>
        this.#redis.zcount(this.#keys.deadLetters, lowest(filter), highest(filter, until)))
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
    if (ids.length === 0) return 0
    const scores = await this.#repair.guard(() => this.#redis.zmscore(this.#keys.deadLetters, ...ids))
    return scores.filter((score) => score !== null).length
  }

  /** Visits the ids of all dead letters that a filter lets pass, page by page. */
  async each (
    filter: DeadLetterFilter, until: string | undefined, visit: (ids: readonly string[]) => Promise<void>
  ): Promise<void> {
    await this.#scan.each(filter, until, visit)
  }

  /** The score of the dead letter that died last; what dies from now on has a higher one. */
  async lastScore (): Promise<string> {
    return await this.#repair.guard(() => this.#redis.hget(this.#keys.deadLetterFigures, 'last')) ?? '0'
  }

  async figures (): Promise<DeadLetterFigures> {
    const [kept, figures] = await this.#repair.guard(() => Promise.all([
      this.#redis.zcard(this.#keys.deadLetters),
      this.#redis.hmget(this.#keys.deadLetterFigures, 'bytes', 'discarded', 'replayed')
    ]))
    const [bytes = 0, discarded = 0, replayed = 0] = figures.map((figure) => Number(figure) || 0)
    return { kept, bytes: Math.max(0, bytes), discarded, replayed }
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

  /** A dead letter that cannot be read is passed over; it can be deleted by its id, or along with all. */
  #decode (id: string, score: string, text: string): StoredDeadLetter[] {
    const deadLetter = decodeDeadLetter(id, score, text)
    if (deadLetter === undefined) this.#repair.report({ key: this.#keys.deadLetter(id) })
    return deadLetter === undefined ? [] : [deadLetter]
  }
}

/** Names a dead letter by where its event was, so that it has one name however often its batch is run. */
export function deadLetterId (batchId: string, index: number): string {
  return `d-${createHash('sha256').update(`${batchId}:${index}`).digest('hex').slice(0, 32)}`
}
