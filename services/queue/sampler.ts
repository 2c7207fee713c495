import { TurnedClock } from '../clock/turned-clock.ts'

/** A reading is stale after this many intervals without an answer. */
export const STALE_AFTER_INTERVALS = 3

/** Most readings in a row while finished jobs are still waiting to be booked. */
const MOST_CATCH_UP_READS = 20

export interface SamplerOptions<Reading> {
  /** Returns nothing if a reading of another process replaces it; see `feed`. */
  read: () => Promise<Reading | undefined>
  intervalMs: number
  /** Whether a reading left work behind, so the next one should follow immediately. */
  isBehind: (reading: Reading) => boolean
  onReading: (reading: Reading) => void
  /** Called with every failure to read the queue. */
  onLost: (error: Error) => void
}

/**
 * Reads the queue at an interval. A reading without an answer within three intervals counts as lost, even while its
 * call is pending. Time in which the event loop stood still does not count, so a late process does not mistake its own
 * delay for a dead Redis.
 */
export class QueueSampler<Reading> {
  readonly #options: SamplerOptions<Reading>
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  /** Present while it samples. */
  #clock: TurnedClock | undefined
  #silentSince = 0
  /** Whether the last reading came from another process. */
  #isFed = false

  constructor (options: SamplerOptions<Reading>) {
    this.#options = options
  }

  /** Starts sampling with an immediate first reading. Does nothing if it is running. */
  start (): void {
    if (this.#timer !== undefined) return
    this.#clock = new TurnedClock()
    this.#timer = setInterval(() => this.#tick(), this.#options.intervalMs)
    this.#timer.unref()
    this.#tick()
  }

  /** Stops and waits for the reading in progress. Does nothing if it is stopped. */
  async stop (): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#clock?.stop()
    this.#clock = undefined
    await this.#running
  }

  /** Takes in a reading that another process has taken. */
  feed (reading: Reading): void {
    if (this.#clock === undefined) return
    this.#recordAnswer()
    this.#isFed = true
    this.#options.onReading(reading)
  }

  #tick (): void {
    if (this.#running !== undefined) {
      // Let an answer that has arrived be read first.
      setImmediate(() => this.#look())
      return
    }
    // The first own reading after those of another process began its wait when the last of them came.
    if (!this.#isFed) this.#recordAnswer()
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
        if (reading === undefined) return
        this.#isFed = false
        this.#options.onReading(reading)
        this.#recordAnswer()
        if (!this.#options.isBehind(reading)) return
      }
    } catch (error) {
      this.#isFed = false
      this.#options.onLost(error as Error)
    }
  }
}
