import { setImmediate } from 'node:timers/promises'
import { ANNOUNCE_INTERVAL_MS, type Member } from '../fleet/member.ts'
import { boundedShares, type Shares } from '../fleet/share.ts'
import type { QueueReading } from './reading.ts'
import { QueueSampler } from './sampler.ts'
import type { AdmissionCounts, Shards } from './shards.ts'

export interface MonitorOptions {
  queue: Shards
  intervalMs: number
  /** Milliseconds, of any clock that does not go back. */
  now: () => number
}

/**
 * Keeps the latest reading of the queue for all of this process, so that neither a request nor a scrape asks Redis.
 * Along the way it announces this process to the fleet, and has what ended settled.
 */
export class QueueMonitor {
  readonly #options: MonitorOptions
  readonly #sampler: QueueSampler<QueueReading>
  readonly #readingListeners: ((reading: QueueReading) => void)[] = []
  readonly #lostListeners: ((error: Error) => void)[] = []
  #reading: QueueReading | undefined
  #memberOf: (() => Member) | undefined
  #sharesOf: () => Shares = () => ({})
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
        for (const listener of this.#readingListeners) listener(reading)
      },
      onLost: (error) => this.lose(error)
    })
  }

  /** The last reading; undefined before the first. It stays when the queue is lost: the signals tell if it holds. */
  get reading (): QueueReading | undefined { return this.#reading }

  onReading (listener: (reading: QueueReading) => void): void { this.#readingListeners.push(listener) }

  onLost (listener: (error: Error) => void): void { this.#lostListeners.push(listener) }

  /** Tells everybody that the queue cannot be read, before a reading fails. The next one that succeeds ends it. */
  lose (error: Error): void {
    for (const listener of this.#lostListeners) listener(error)
  }

  start (): void { this.#sampler.start() }

  async stop (): Promise<void> { await this.#sampler.stop() }

  /** From now on every reading books what `take` hands over: what was counted at admission since it was last asked. */
  bookAdmissions (take: () => AdmissionCounts): void {
    this.#takeAdmissionCounts = take
  }

  /** From now on readings bring settings only if their fingerprint is not the one that is known. */
  skipSettings (known: () => string): void {
    this.#knownSettings = known
  }

  /**
   * From now on readings announce this process, every second and whenever something of it has changed.
   *
   * @param sharesOf the reports of its policies, which go along and are no such change
   */
  announce (memberOf: () => Member, sharesOf: () => Shares = () => ({})): void {
    this.#memberOf = memberOf
    this.#sharesOf = sharesOf
  }

  /** Takes this process off the list of the fleet. If Redis does not answer, the record expires. */
  async withdraw (): Promise<void> {
    const id = this.#memberOf?.().id
    this.#memberOf = undefined
    if (id !== undefined) await this.#options.queue.removeMember(id).catch(() => {})
  }

  async #read (): Promise<QueueReading> {
    const { queue, now } = this.#options
    const at = now()
    const member = this.#memberOf?.()
    const record = JSON.stringify(member) ?? ''
    const isNews = record !== this.#announced
    const isDue = member !== undefined && (isNews || at - this.#announcedAt >= ANNOUNCE_INTERVAL_MS)
    const announcement = isDue
      ? { isNews, member: { ...member, shares: boundedShares(this.#sharesOf()) } }
      : undefined
    const reading = await queue.sample({
      announcement, takeCounts: this.#takeAdmissionCounts, knownSettings: this.#knownSettings()
    })
    if (isDue) {
      this.#announced = record
      this.#announcedAt = at
    }
    // The events of writes that were answered along with the reading are settled before admission is asked again.
    await setImmediate()
    return reading
  }
}
