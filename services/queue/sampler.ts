import { TurnedClock } from '../clock/turned-clock.ts'

/** After this many intervals without an answer a reading is too old to be trusted. */
const STALE_AFTER_INTERVALS = 3

/** Most readings in a row while finished jobs are still waiting to be booked. */
const MOST_CATCH_UP_READS = 20

export interface SamplerOptions<Reading> {
  read: () => Promise<Reading>
  intervalMs: number
  /** Tells that a reading left work behind and should be followed by another at once. */
  isBehind: (reading: Reading) => boolean
  onReading: (reading: Reading) => void
  /** The queue cannot be read. Called again with every failure; the first one is the news. */
  onLost: (error: Error) => void
}

/**
 * Reads the queue at an interval. A reading that does not come within three intervals counts as lost even while its
 * call is still pending. Time in which the event loop stood still does not count, so a late process does not mistake
 * itself for a dead Redis.
 */
export class QueueSampler<Reading> {
  readonly #options: SamplerOptions<Reading>
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  /** There while it samples. */
  #clock: TurnedClock | undefined
  #silentSince = 0

  constructor (options: SamplerOptions<Reading>) {
    this.#options = options
  }

  /** Begins to sample, with a first reading at once. Does nothing when it is running already. */
  start (): void {
    if (this.#timer !== undefined) return
    this.#clock = new TurnedClock()
    this.#timer = setInterval(() => this.#tick(), this.#options.intervalMs)
    this.#timer.unref()
    this.#tick()
  }

  /** Stops and waits for the reading in progress. Does nothing when it is stopped already. */
  async stop (): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#clock?.stop()
    this.#clock = undefined
    await this.#running
  }

  #tick (): void {
    if (this.#running !== undefined) {
      // An answer that is there already is read first.
      setImmediate(() => this.#look())
      return
    }
    this.#recordAnswer()
    this.#running = this.#read().finally(() => { this.#running = undefined })
  }

  #look (): void {
    if (this.#running === undefined || this.#clock === undefined) return
    const silentMs = this.#clock.now - this.#silentSince
    if (silentMs < STALE_AFTER_INTERVALS * this.#options.intervalMs) return
    this.#options.onLost(new Error(`no answer from the queue for more than ${STALE_AFTER_INTERVALS} sample intervals`))
  }

  #recordAnswer (): void {
    this.#silentSince = this.#clock?.now ?? 0
  }

  async #read (): Promise<void> {
    try {
      for (let reads = 0; reads < MOST_CATCH_UP_READS; reads++) {
        const reading = await this.#options.read()
        this.#options.onReading(reading)
        this.#recordAnswer()
        if (!this.#options.isBehind(reading)) return
      }
    } catch (error) {
      this.#options.onLost(error as Error)
    }
  }
}
