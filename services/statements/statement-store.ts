/*
 * The statements in Redis: one hash of packed numbers for at most MOST_STATEMENTS organizations, and two rankings of
 * these. Their size is bounded, whatever the number of organizations.
 */
import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { QueueKeys } from '../queue/keys.ts'
import type { Repair } from '../queue/repair.ts'
import { Scripts } from '../redis/scripts.ts'
import type { BookedTallies } from './statement-book.ts'
import { decodeStatement, MOST_STATEMENTS, QUEUED_FACTORS, RATE_HALF_LIFE_MS, type Statement } from './statement.ts'
import { isEmptyTally, receivedIn, TALLY_FIELDS } from './tally.ts'

/** An organization that posts nothing for this long counts half as much when statements have to end. */
const WEIGHT_HALF_LIFE_MS = 6 * 3_600_000

/** How long a silent process may return and repeat its last booking without doubling it. */
const BOOKING_NUMBER_LIFE_MS = 86_400_000

/** No field of an organization begins so. */
const OTHERS = '*others'
const fieldOf = (organizationId: string) => `o${organizationId}`

export interface StatementStoreOptions {
  redis: Redis
  keys: QueueKeys
  repair: Repair
  mostStatements?: number
}

export interface NamedStatement {
  readonly organizationId: string
  readonly statement: Statement
}

/** The statements of the organizations with the largest offers, and that of all organizations without one. */
export interface Statements {
  readonly top: readonly NamedStatement[]
  readonly others: Statement | undefined
}

export class StatementStore {
  readonly #options: StatementStoreOptions
  readonly #scripts: Scripts<'book-statements' | 'level-statements'>
  readonly #numberKey: string
  /** A booking without an answer, which may have been made. */
  #unanswered: BookedTallies | undefined
  #number = 0
  /** The version of the names that this process knows. */
  #version = ''

  constructor (options: StatementStoreOptions) {
    const { redis, keys, repair } = options
    this.#options = options
    this.#numberKey = keys.lastStatementBooking(randomUUID())
    this.#scripts = new Scripts(redis, import.meta.url, { 'book-statements': 4, 'level-statements': 1 })
    repair.watch([
      { key: keys.statements, type: 'hash' },
      { key: keys.statementWeights, type: 'zset' },
      { key: keys.statementRanking, type: 'zset' },
      { key: this.#numberKey, type: 'string', numbers: 'value' }
    ])
  }

  /** Whether a booking has no answer, so that the next one repeats it. */
  get isUnanswered (): boolean { return this.#unanswered !== undefined }

  /**
   * Books what `take` returns, or what an earlier call could not book. Resolves with the names of the organizations
   * with statements, if they have changed.
   */
  async book (take: () => BookedTallies): Promise<readonly string[] | undefined> {
    const { keys, repair, mostStatements = MOST_STATEMENTS } = this.#options
    if (this.#unanswered === undefined) {
      this.#number++
      this.#unanswered = take()
    }
    const { named, others } = this.#unanswered
    const [version, names] = await repair.guard(() => this.#scripts.run('book-statements', [
      keys.statements, keys.statementWeights, keys.statementRanking, this.#numberKey,
      this.#number, BOOKING_NUMBER_LIFE_MS, mostStatements, TALLY_FIELDS.length, RATE_HALF_LIFE_MS, WEIGHT_HALF_LIFE_MS,
      this.#version, isEmptyTally(others) ? '' : others.join(' '),
      ...named.flatMap(({ organizationId, tally, ageMs }) => [organizationId, receivedIn(tally), ageMs, ...tally])
    ])) as [version: string, names: string[] | null]
    this.#unanswered = undefined
    this.#version = version
    return names ?? undefined
  }

  /** @param nowMs of the clock of Redis */
  async top (most: number, nowMs: number): Promise<Statements> {
    const { redis, keys, repair } = this.#options
    const ids = await repair.guard(() => redis.zrevrange(keys.statementRanking, 0, most - 1))
    const [others, ...packed] = await repair.guard(() =>
      redis.hmgetBuffer(keys.statements, OTHERS, ...ids.map(fieldOf)))
    return {
      top: ids.flatMap((organizationId, index) => {
        const statement = decodeStatement(packed[index], nowMs)
        return statement === undefined ? [] : [{ organizationId, statement }]
      }),
      others: decodeStatement(others, nowMs)
    }
  }

  /** @param nowMs of the clock of Redis */
  async find (organizationId: string, nowMs: number): Promise<Statement | undefined> {
    const { redis, keys, repair } = this.#options
    return decodeStatement(await repair.guard(() => redis.hgetBuffer(keys.statements, fieldOf(organizationId))), nowMs)
  }

  /** Corrects the events in the queue to 0. Call it while the queue is empty, and all processes have booked. */
  async level (): Promise<void> {
    const { keys, repair } = this.#options
    const place = TALLY_FIELDS.indexOf('adjusted') + 1
    await repair.guard(() =>
      this.#scripts.run('level-statements', [keys.statements, TALLY_FIELDS.length, place, ...QUEUED_FACTORS]))
  }
}
