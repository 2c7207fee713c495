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
 * Reads the queue at an interval. A reading that does not come within three intervals counts as lost even while its call is
 * still pending: intervals are counted in ticks, so an event loop that was blocked does not mistake itself for a dead Redis.
 */
export class QueueSampler<Reading> {
  readonly #options: SamplerOptions<Reading>
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #ticksWithoutAnswer = 0

  constructor (options: SamplerOptions<Reading>) {
    this.#options = options
  }

  /** Begins to sample, with a first reading at once. Does nothing when it is running already. */
  start (): void {
    if (this.#timer !== undefined) return
    this.#timer = setInterval(() => this.#tick(), this.#options.intervalMs)
    this.#timer.unref()
    this.#tick()
  }

  /** Stops and waits for the reading under way. Does nothing when it is stopped already. */
  async stop (): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.#running
  }

  #tick (): void {
    if (this.#running !== undefined) {
      this.#ticksWithoutAnswer++
      if (this.#ticksWithoutAnswer >= STALE_AFTER_INTERVALS) {
        this.#options.onLost(new Error(`no answer from the queue for ${this.#ticksWithoutAnswer} sample intervals`))
      }
      return
    }
    this.#running = this.#read().finally(() => {
      this.#running = undefined
      this.#ticksWithoutAnswer = 0
    })
  }

  async #read (): Promise<void> {
    try {
      for (let reads = 0; reads < MOST_CATCH_UP_READS; reads++) {
        const reading = await this.#options.read()
        this.#options.onReading(reading)
        this.#ticksWithoutAnswer = 0
        if (!this.#options.isBehind(reading)) return
      }
    } catch (error) {
      this.#options.onLost(error as Error)
    }
  }
}
