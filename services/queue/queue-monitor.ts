import { setImmediate } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { sum } from '../admission/sum.ts'
import { ANNOUNCE_INTERVAL_MS, REST_ANNOUNCE_INTERVAL_MS, type Member } from '../fleet/member.ts'
import type { Shares } from '../fleet/share.ts'
import type { HeardMove } from './circuit-keeper.ts'
import type { AdmissionCounts, Announcement } from './process-report.ts'
import { ReadingFeed } from './reading-feed.ts'
import type { QueueReading } from './reading.ts'
import { QueueSampler } from './sampler.ts'
import type { Shards } from './shards.ts'

/** How often the fleet is read, changed or not, and how often a process books its counts that does not read itself. */
const REPORT_INTERVAL_MS = 1_000

export interface MonitorOptions {
  queue: Shards
  intervalMs: number
  /** Milliseconds, of any clock that does not go back. */
  now: () => number
  /** Gets the error of a listener. The others still get the reading, and the queue is not lost. */
  onListenerFailed: (error: Error) => void
  /** Opens a connection for the readings of another process; without it this one always reads itself. */
  openFeed?: () => Redis
  /** Gets the refusal if Redis does not let this user hear the readings of another process. */
  onFeedRefused?: (error: Error) => void
}

/**
 * Keeps the latest reading of the queue for this process, so neither a request nor a scrape calls Redis. It also
 * announces this process to the fleet, and has finished jobs settled. One process of many reads, and the others hear of
 * it (see reading-feed.ts).
 */
export class QueueMonitor {
  readonly #options: MonitorOptions
  readonly #sampler: QueueSampler<QueueReading>
  readonly #feed: ReadingFeed
  readonly #readingListeners: ((reading: QueueReading) => void)[] = []
  readonly #lostListeners: ((error: Error) => void)[] = []
  readonly #moveListeners: ((move: HeardMove) => void)[] = []
  readonly #begun = Promise.withResolvers<void>()
  #reading: QueueReading | undefined
  #isLost = true
  #memberOf: (() => Member) | undefined
  #sharesOf: () => Shares = () => ({})
  #learnedOf: () => string | undefined = () => undefined
  #announced = ''
  #takeAdmissionCounts: () => AdmissionCounts = () => ({})
  #knownSettings = () => ''
  #announcedAt = -Infinity
  #announcedWork = NaN
  #fleetReadAt = -Infinity
  #bookedAt = -Infinity

  constructor (options: MonitorOptions) {
    this.#options = options
    const { queue, intervalMs, now, openFeed: open, onFeedRefused: onRefused = () => {} } = options
    this.#feed = new ReadingFeed({
      queue, open, intervalMs, now, onRefused,
      knownSettings: () => this.#knownSettings(),
      onReading: (reading) => this.#sampler.feed(reading),
      onMove: (move) => this.#tell(this.#moveListeners, move)
    })
    this.#sampler = new QueueSampler({
      read: () => this.#read(),
      intervalMs,
      isBehind: () => queue.isBehind,
      onReading: (reading) => {
        this.#reading = reading
        this.#isLost = false
        this.#tell(this.#readingListeners, reading)
        this.#begun.resolve()
      },
      onLost: (error) => this.lose(error)
    })
  }

  /**
   * The last reading; undefined before the first. It stays when the queue is lost: the signals tell whether it is
   * current.
   */
  get reading (): QueueReading | undefined { return this.#reading }

  onReading (listener: (reading: QueueReading) => void): void { this.#readingListeners.push(listener) }

  onLost (listener: (error: Error) => void): void { this.#lostListeners.push(listener) }

  /** Tells of moves of the circuit between two readings, if another process reads; readings have them in any case. */
  onMove (listener: (move: HeardMove) => void): void { this.#moveListeners.push(listener) }

  /** Reports that the queue cannot be read, before a reading fails. The next successful reading ends that. */
  lose (error: Error): void {
    this.#isLost = true
    this.#feed.lose()
    this.#tell(this.#lostListeners, error)
    this.#begun.resolve()
  }

  start (): void { this.#sampler.start() }

  /** Starts, and resolves when the first reading has come or has failed. */
  async begin (): Promise<void> {
    this.start()
    await this.#begun.promise
  }

  async stop (): Promise<void> {
    this.#begun.resolve()
    await this.#sampler.stop()
    this.#feed.close()
    // Nobody waits for a booking that is known to fail.
    if (!this.#isLost) await this.#options.queue.report({ takeCounts: this.#takeAdmissionCounts }).catch(() => {})
  }

  /** Makes every later reading book the admission counts that `take` returns. */
  bookAdmissions (take: () => AdmissionCounts): void {
    this.#takeAdmissionCounts = take
  }

  /** Makes later readings fetch settings only if their fingerprint is unknown. */
  skipSettings (known: () => string): void {
    this.#knownSettings = known
  }

  /**
   * Makes later readings announce this process, every second, less often at rest, and whenever its record has changed.
   *
   * @param sharesOf the reports of its policies as far as a record has room; they are sent along, and a new report alone
   *   is not a change
   */
  announce (memberOf: () => Member, sharesOf: () => Shares = () => ({})): void {
    this.#memberOf = memberOf
    this.#sharesOf = sharesOf
  }

  /** Writes what this process has learned with each of its announcements, for processes that start later. */
  shareLearned (learnedOf: () => string | undefined): void {
    this.#learnedOf = learnedOf
  }

  /** Removes this process from the fleet. If Redis does not answer, the record expires. */
  async withdraw (): Promise<void> {
    const id = this.#memberOf?.().id
    this.#memberOf = undefined
    if (id !== undefined) await this.#options.queue.removeMember(id).catch(() => {})
  }

  #tell<News> (listeners: readonly ((news: News) => void)[], news: News): void {
    for (const listener of listeners) {
      try {
        listener(news)
      } catch (error) {
        this.#options.onListenerFailed(error as Error)
      }
    }
  }

  async #read (): Promise<QueueReading | undefined> {
    const { queue, now } = this.#options
    if (this.#feed.isOpen) {
      // A reading that has arrived comes first.
      await setImmediate()
      if (this.#feed.isFresh) {
        await this.#report()
        return undefined
      }
    }
    const at = now()
    const needsFleet = at - this.#fleetReadAt >= REPORT_INTERVAL_MS
    const { heard } = this.#feed
    const { announcement, done } = this.#announcing(at)
    const reading = await queue.sample({
      announcement, needsFleet, takeCounts: this.#takeAdmissionCounts, knownSettings: this.#knownSettings()
    })
    done()
    this.#bookedAt = at
    if (needsFleet) this.#fleetReadAt = at
    this.#feed.observe(at, reading.redisTimeMs)
    // Settle the events of writes that were answered together with the reading before admission decides again.
    await setImmediate()
    // A later one of another process has come meanwhile.
    if (this.#feed.heard !== heard && reading.redisTimeMs < (this.#reading?.redisTimeMs ?? 0)) return undefined
    this.#feed.haveRead(reading)
    return reading
  }

  /** Announces this process and books its counts, as far as that is due, while another process reads. */
  async #report (): Promise<void> {
    const { queue, now } = this.#options
    const at = now()
    const { announcement, done } = this.#announcing(at)
    const isBooking = at - this.#bookedAt >= REPORT_INTERVAL_MS
    const redisTimeMs = await queue.report({
      announcement, ...(isBooking && { takeCounts: this.#takeAdmissionCounts })
    })
    done()
    if (isBooking) this.#bookedAt = at
    if (redisTimeMs !== undefined) this.#feed.observe(at, redisTimeMs)
  }

  /** Returns what tells the announcement that is due, and what to call when it was made. */
  #announcing (at: number): { announcement: (hasCounts: boolean) => Announcement | undefined, done: () => void } {
    const member = this.#memberOf?.()
    const record = JSON.stringify(member) ?? ''
    const isNews = record !== this.#announced
    const work = workOf(this.#reading)
    let isMade = false
    return {
      announcement: (hasCounts) => {
        isMade = member !== undefined && (isNews || this.#isAnnouncementDue(at, hasCounts || work !== this.#announcedWork))
        if (member === undefined || !isMade) return undefined
        return { isNews, member: { ...member, shares: this.#sharesOf() }, learned: this.#learnedOf() }
      },
      done: () => {
        if (!isMade) return
        this.#announced = record
        this.#announcedAt = at
        this.#announcedWork = work
      }
    }
  }

  #isAnnouncementDue (at: number, hasWork: boolean): boolean {
    const sinceMs = at - this.#announcedAt
    return hasWork
      ? sinceMs >= ANNOUNCE_INTERVAL_MS
      : sinceMs + this.#options.intervalMs >= REST_ANNOUNCE_INTERVAL_MS
  }
}

/** A number that changes with all that happens to events, at any process. */
function workOf (reading: QueueReading | undefined): number {
  if (reading === undefined) return NaN
  const { enqueuedByPriority, done, dead, expired, ledger: { admission } } = reading
  return sum(enqueuedByPriority) + done + dead + expired + sum(Object.values(admission).map(({ received }) => received))
}
