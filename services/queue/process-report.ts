import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { MEMBER_LIFE_MS, MOST_MEMBERS, MOST_RECORD_BYTES, type Member } from '../fleet/member.ts'
import { Scripts } from '../redis/scripts.ts'
import type { QueueKeys } from './keys.ts'
import type { Repair } from './repair.ts'

/** How long a silent process may return and repeat its last booking without doubling it. */
const BOOKING_NUMBER_LIFE_MS = 86_400_000

/** Counts at admission in this process by field, to be added to those of the others. */
export type AdmissionCounts = Readonly<Record<string, number>>

export interface Announcement {
  readonly member: Member
  /** Whether the other processes should read it immediately. */
  readonly isNews?: boolean
  /** The findings of the process, for those that start later. */
  readonly learned?: string | undefined
}

/** The facts about a process that it tells the others. */
export interface ReportOptions {
  /** Replaces the record of this process; or returns what replaces it, given whether there are counts to book. */
  announcement?: Announcement | ((hasCounts: boolean) => Announcement | undefined) | undefined
  /** Returns the counts at admission since its last call; they are booked once, however many calls it takes. */
  takeCounts?: (() => AdmissionCounts) | undefined
}

/** Announces a process to the fleet and books its counts at admission. */
export class ProcessReport {
  readonly #scripts: Scripts<'report'>
  readonly #keys: QueueKeys
  readonly #repair: Repair
  readonly #processId = randomUUID()
  /** The counts that the last unanswered call tried to book, with its number. */
  #booking: { number: number, counts: AdmissionCounts } = { number: 0, counts: {} }

  constructor (redis: Redis, keys: QueueKeys, repair: Repair) {
    this.#scripts = new Scripts(redis, import.meta.url, { report: 4 })
    this.#keys = keys
    this.#repair = repair
    repair.watch([
      { key: keys.fleet, type: 'hash' },
      { key: keys.lastBooking(this.#processId), type: 'string', numbers: 'value' }
    ])
  }

  /**
   * Returns the number of broken records that were removed from the fleet, and the time of Redis; undefined if there
   * was nothing to report.
   */
  async send (
    { announcement: announced, takeCounts }: ReportOptions
  ): Promise<{ readonly removed: number, readonly redisTimeMs: number } | undefined> {
    // First repeats a booking without an answer under its old number: it may have been booked.
    const isRepeat = Object.keys(this.#booking.counts).length > 0
    if (!isRepeat) this.#booking = { number: this.#booking.number + 1, counts: takeCounts?.() ?? {} }
    const { number, counts } = this.#booking
    const hasCounts = Object.keys(counts).length > 0
    const announcement = typeof announced === 'function' ? announced(hasCounts) : announced
    if (announcement === undefined && !hasCounts) return undefined
    const [removed, redisTimeMs] = await this.#repair.guard(() => this.#scripts.run('report', [
      this.#keys.ledger, this.#keys.lastBooking(this.#processId), this.#keys.fleet, this.#keys.control,
      number, BOOKING_NUMBER_LIFE_MS,
      announcement?.member.id ?? '', announcement === undefined ? '' : JSON.stringify(announcement.member),
      MEMBER_LIFE_MS, MOST_MEMBERS, MOST_RECORD_BYTES, announcement?.isNews === true ? 1 : 0,
      announcement?.learned ?? '',
      ...Object.entries(counts).flat()
    ])) as [removed: number, redisTimeMs: number]
    this.#booking = { number, counts: {} }
    return { removed, redisTimeMs }
  }
}
