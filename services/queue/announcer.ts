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

/** Announces this process to the fleet, and books its counts at admission. */
export class Announcer {
  readonly #redis: Redis
  readonly #keys: QueueKeys
  readonly #repair: Repair
  readonly #scripts: Scripts<'report'>
  readonly #processId = randomUUID()
  /** The counts that the last unanswered call tried to book, with its number. */
  #booking: { number: number, counts: AdmissionCounts } = { number: 0, counts: {} }
  #present: Promise<number> | undefined

  constructor (redis: Redis, keys: QueueKeys, repair: Repair) {
    this.#redis = redis
    this.#keys = keys
    this.#repair = repair
    this.#scripts = new Scripts(redis, import.meta.url, { report: 4 })
    repair.watch([
      { key: keys.fleet, type: 'hash' },
      { key: keys.lastBooking(this.#processId), type: 'string', numbers: 'value' }
    ])
  }

  /**
   * Returns the number of broken records that were removed from the fleet.
   *
   * @param takeCounts returns the counts at admission since its last call; they are booked once, however many calls it
   *   takes
   */
  report (announcement: Announcement | undefined, takeCounts?: () => AdmissionCounts): Promise<number> {
    this.#present ??= this.#report(announcement, takeCounts).finally(() => { this.#present = undefined })
    return this.#present
  }

  /** Removes a process from the fleet immediately, before its record expires. */
  async remove (id: string): Promise<void> {
    await this.#repair.guard(async () => {
      if (await this.#redis.hdel(this.#keys.fleet, id) === 1) await this.#redis.hincrby(this.#keys.control, 'fleet', 1)
    })
  }

  async #report (announcement: Announcement | undefined, takeCounts?: () => AdmissionCounts): Promise<number> {
    // First repeats a booking without an answer under its old number: it may have been booked.
    const isRepeat = Object.keys(this.#booking.counts).length > 0
    if (!isRepeat) this.#booking = { number: this.#booking.number + 1, counts: takeCounts?.() ?? {} }
    const { number, counts } = this.#booking
    if (announcement === undefined && Object.keys(counts).length === 0) return 0
    const removed = await this.#repair.guard(() => this.#scripts.run('report', [
      this.#keys.ledger, this.#keys.lastBooking(this.#processId), this.#keys.fleet, this.#keys.control,
      number, BOOKING_NUMBER_LIFE_MS,
      announcement?.member.id ?? '', announcement === undefined ? '' : JSON.stringify(announcement.member),
      MEMBER_LIFE_MS, MOST_MEMBERS, MOST_RECORD_BYTES, announcement?.isNews === true ? 1 : 0,
      announcement?.learned ?? '',
      ...Object.entries(counts).flat()
    ]))
    this.#booking = { number, counts: {} }
    return removed as number
  }
}
