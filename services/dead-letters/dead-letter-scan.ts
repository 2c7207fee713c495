/*
 * Scans the dead letters in the order of their death, page by page. Each call visits a bounded number, so none blocks
 * Redis however many there are.
 */
import type { Redis } from 'ioredis'
import type { QueueKeys } from '../queue/keys.ts'
import type { Repair } from '../queue/repair.ts'
import { Scripts } from '../redis/scripts.ts'
import type { DeadLetterFilter } from './dead-letter.ts'
import { highest, lowest } from './score-range.ts'

/** Dead letters that one call visits. */
const SCAN_WIDTH = 1_000

/** A page ends above this, so dead letters of large events cannot make an answer arbitrarily large. */
export const PAGE_BYTES = 4_194_304

/** A dead letter as the scan returns it. */
export interface FoundDeadLetter {
  readonly id: string
  readonly score: string
  /** Its text; empty if only ids were requested. */
  readonly deadLetter: string
}

/** The beginning and the end of a page. */
export interface PageBounds {
  /** Score of the last dead letter of the page before. */
  readonly after?: string | undefined
  /** Score of the last dead letter to look at. */
  readonly until?: string | undefined
  readonly limit: number
  /** A page ends above this; PAGE_BYTES by default. */
  readonly mostBytes?: number
}

interface FoundPage {
  readonly found: readonly FoundDeadLetter[]
  /** Score at which the next page begins; undefined at the end. */
  readonly next: string | undefined
}

export class DeadLetterScan {
  readonly #keys: QueueKeys
  readonly #repair: Repair
  readonly #scripts: Scripts<'scan-dead-letters'>

  constructor (redis: Redis, keys: QueueKeys, repair: Repair) {
    this.#keys = keys
    this.#repair = repair
    this.#scripts = new Scripts(redis, import.meta.url, { 'scan-dead-letters': 1 })
  }

  /** The dead letters of one page, with their texts. */
  async page (filter: DeadLetterFilter, bounds: PageBounds): Promise<FoundPage> {
    return await this.#look(filter, bounds, true)
  }

  /** Visits the ids of all dead letters that match a filter, page by page. */
  async each (
    filter: DeadLetterFilter, until: string | undefined, visit: (ids: readonly string[]) => Promise<void>
  ): Promise<void> {
    let after: string | undefined
    do {
      const { next, found } = await this.#look(filter, { after, until, limit: SCAN_WIDTH }, false)
      if (found.length > 0) await visit(found.map(({ id }) => id))
      after = next
    } while (after !== undefined)
  }

  async #look (
    filter: DeadLetterFilter,
    { after, until, limit, mostBytes = PAGE_BYTES }: PageBounds,
    withTexts: boolean
  ): Promise<FoundPage> {
    const { type = '', organizationId = '', reason = '' } = filter
    const [next, ...flat] = await this.#repair.guard(() =>
      this.#scripts.run('scan-dead-letters', [
        this.#keys.deadLetters,
        this.#keys.deadLetterPrefix,
        after === undefined ? lowest(filter) : `(${after}`,
        highest(filter, until),
        type,
        organizationId,
        reason,
        SCAN_WIDTH,
        limit,
        mostBytes,
        withTexts ? '1' : '0'
      ])
    ) as [string, ...string[]]
    const found = Array.from({ length: flat.length / 3 }, (_, index) => {
      const [id, score, deadLetter] = flat.slice(index * 3, index * 3 + 3) as [string, string, string]
      return { id, score, deadLetter }
    })
    return { next: next === '' ? undefined : next, found }
  }
}
