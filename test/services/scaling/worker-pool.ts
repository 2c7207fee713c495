import { WorkerDemand } from '../../../services/scaling/worker-demand.ts'
import { sample } from './sample.ts'

export interface Pool {
  /** Batches that one worker has in work at once. */
  slots: number
  eventsPerBatch: number
  /** Events that come per second. */
  arrivalRate: number
  workers: number
  drainTargetMs: number
  /** Uniform in [0, 1). */
  random: () => number
}

const SAMPLE_MS = 100
const STEP_MS = 10

/**
 * A pool of workers as single batches in slots, sampled as the queue is: what gets done comes in lumps, and slots are
 * free for moments.
 */
export class WorkerPool {
  readonly #pool: Pool
  readonly #demand: WorkerDemand
  /** When the batch of each slot ends, and of how many events it is; undefined for a free slot. */
  readonly #slots: ({ endsAt: number, events: number } | undefined)[]
  #at = 0
  #owed = 0
  #arrived = 0
  #worked = 0
  #waiting = 0

  constructor (pool: Pool) {
    this.#pool = pool
    this.#demand = new WorkerDemand({
      drainTargetMs: pool.drainTargetMs,
      scaleInAfterMs: 120_000,
      budgetsMs: () => ({ critical: 2_000, normal: 30_000, low: 300_000 })
    })
    this.#slots = Array.from({ length: pool.slots * pool.workers }, () => undefined)
  }

  /** Workers that would be enough now; undefined while unknown. */
  get enough (): number | undefined {
    const { state } = this.#demand
    return typeof state === 'string' ? undefined : state.enoughNow
  }

  /** Events of one worker per second while its batches take this long. */
  rateAt (serviceMs: number): number {
    return this.#pool.slots * this.#pool.eventsPerBatch * 1_000 / serviceMs
  }

  /** Workers that are needed in truth while batches take this long. */
  truth (serviceMs: number): number {
    const { arrivalRate, drainTargetMs } = this.#pool
    return (arrivalRate + this.#waiting * 1_000 / drainTargetMs) / this.rateAt(serviceMs)
  }

  /** @param spread 0 for batches that all take as long, 1 for anything from nothing to twice as long */
  pass (seconds: number, serviceMs: number, spread: number): void {
    const { arrivalRate, eventsPerBatch, random } = this.#pool
    for (const end = this.#at + seconds * 1_000; this.#at < end; this.#at += STEP_MS) {
      this.#owed += arrivalRate * STEP_MS / 1_000
      const came = Math.floor(this.#owed)
      this.#owed -= came
      this.#arrived += came
      this.#waiting += came
      for (const [index, slot] of this.#slots.entries()) {
        if (slot !== undefined && slot.endsAt <= this.#at) {
          this.#worked += slot.events
          this.#slots[index] = undefined
        } else if (slot === undefined && this.#waiting > 0) {
          const events = Math.min(eventsPerBatch, this.#waiting)
          this.#waiting -= events
          this.#slots[index] = { events, endsAt: this.#at + serviceMs * (1 + spread * (2 * random() - 1)) }
        }
      }
      if (this.#at % SAMPLE_MS === 0) this.#sample()
    }
  }

  #sample (): void {
    this.#demand.observe(sample({
      at: this.#at,
      arrived: this.#arrived,
      worked: this.#worked,
      completed: this.#worked,
      waiting: this.#waiting,
      workers: this.#pool.workers,
      slots: this.#slots.length,
      takenSlots: this.#slots.filter((slot) => slot !== undefined).length,
      inWork: this.#slots.reduce((sum, slot) => sum + (slot?.events ?? 0), 0), isPaused: false, isHeldUp: false
    }))
  }
}
