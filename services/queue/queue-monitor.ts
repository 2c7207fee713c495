import { setImmediate } from 'node:timers/promises'
import { ANNOUNCE_INTERVAL_MS, type Member } from '../fleet/member.ts'
import type { Shares } from '../fleet/share.ts'
import type { AdmissionCounts } from './announcer.ts'
import type { QueueReading } from './reading.ts'
import { QueueSampler } from './sampler.ts'
import type { Shards } from './shards.ts'

export interface MonitorOptions {
  queue: Shards
  intervalMs: number
  /** Milliseconds, of any clock that does not go back. */
  now: () => number
  /** Gets the error of a listener. The others still get the reading, and the queue is not lost. */
  onListenerFailed: (error: Error) => void
}

/**
 * Keeps the latest reading of the queue for this process, so neither a request nor a scrape calls Redis. It also
 * announces this process to the fleet, and has finished jobs settled.
 */
export class QueueMonitor {
  readonly #options: MonitorOptions
  readonly #sampler: QueueSampler<QueueReading>
  readonly #readingListeners: ((reading: QueueReading) => void)[] = []
  readonly #lostListeners: ((error: Error) => void)[] = []
  #reading: QueueReading | undefined
  #memberOf: (() => Member) | undefined
  #sharesOf: () => Shares = () => ({})
  #learnedOf: () => string | undefined = () => undefined
  #announced = ''
  #takeAdmissionCounts: () => AdmissionCounts = () => ({})
  #knownSettings = () => ''
  #announcedAt = -Infinity

  constructor (options: MonitorOptions) {
    this.#options = options
    this.#sampler = new QueueSampler({
      read: () => this.#read(),
      intervalMs: options.intervalMs,
      isBehind: () => options.queue.isBehind,
      onReading: (reading) => {
        this.#reading = reading
        this.#tell(this.#readingListeners, reading)
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

  /** Reports that the queue cannot be read, before a reading fails. The next successful reading ends that. */
  lose (error: Error): void {
    this.#tell(this.#lostListeners, error)
  }

  start (): void { this.#sampler.start() }

  async stop (): Promise<void> { await this.#sampler.stop() }

  /** Makes every later reading book the admission counts that `take` returns. */
  bookAdmissions (take: () => AdmissionCounts): void {
    this.#takeAdmissionCounts = take
  }

  /** Makes later readings fetch settings only if their fingerprint is unknown. */
  skipSettings (known: () => string): void {
    this.#knownSettings = known
  }

  /**
   * Makes later readings announce this process, every second and whenever its record has changed.
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

  async #read (): Promise<QueueReading> {
    const { queue, now } = this.#options
    const at = now()
    const member = this.#memberOf?.()
    const record = JSON.stringify(member) ?? ''
    const isNews = record !== this.#announced
    const isDue = member !== undefined && (isNews || at - this.#announcedAt >= ANNOUNCE_INTERVAL_MS)
    const announcement = isDue
      ? { isNews, member: { ...member, shares: this.#sharesOf() }, learned: this.#learnedOf() }
      : undefined
    const reading = await queue.sample({
      announcement, takeCounts: this.#takeAdmissionCounts, knownSettings: this.#knownSettings()
    })
    if (isDue) {
      this.#announced = record
      this.#announcedAt = at
    }
    // Settle the events of writes that were answered together with the reading before admission decides again.
    await setImmediate()
    return reading
  }
}
