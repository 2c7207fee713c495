import { setImmediate } from 'node:timers/promises'
import type { QueueReading, WorkerEntry } from './reading.ts'
import { QueueSampler } from './sampler.ts'
import type { AdmissionCounts, Shards } from './shards.ts'

const ANNOUNCE_INTERVAL_MS = 1_000

export interface MonitorOptions {
  queue: Shards
  intervalMs: number
  /** Milliseconds, of any clock that does not go back. */
  now: () => number
}

/**
 * Keeps the latest reading of the queue for all of this process, so that neither a request nor a scrape asks Redis.
 * Along the way it announces this process as a worker when it is one, and has what ended settled.
 */
export class QueueMonitor {
  readonly #options: MonitorOptions
  readonly #sampler: QueueSampler<QueueReading>
  readonly #readingListeners: ((reading: QueueReading) => void)[] = []
  readonly #lostListeners: ((error: Error) => void)[] = []
  #reading: QueueReading | undefined
  #workerEntry: WorkerEntry | undefined
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
   * From now on readings tell Redis that this worker is alive, the next one first. Called again when something of it
   * changes.
   */
  announceWorker (entry: WorkerEntry): void {
    this.#workerEntry = entry
    this.#announcedAt = -Infinity
  }

  /** Takes this worker off the list; when Redis cannot be asked, its entry just expires. */
  async withdrawWorker (): Promise<void> {
    const id = this.#workerEntry?.id
    this.#workerEntry = undefined
    if (id !== undefined) await this.#options.queue.removeWorker(id).catch(() => {})
  }

  async #read (): Promise<QueueReading> {
    const { queue, now } = this.#options
    const at = now()
    const entry = at - this.#announcedAt >= ANNOUNCE_INTERVAL_MS ? this.#workerEntry : undefined
    const reading = await queue.sample({
      worker: entry, takeCounts: this.#takeAdmissionCounts, knownSettings: this.#knownSettings()
    })
    // A change meanwhile still has to be announced.
    if (entry !== undefined && entry === this.#workerEntry) this.#announcedAt = at
    // The events of writes that were answered along with the reading are settled before admission is asked again.
    await setImmediate()
    return reading
  }
}
