import { RATE_HALF_LIFE_MS } from './rate.ts'
import { isBusy, WorkerRate } from './worker-rate.ts'
import { workersNeeded } from './workers-needed.ts'

/** What one reading of the queue tells of work. Of the counts without end only differences between samples are used. */
export interface WorkSample {
  /** Milliseconds of a clock that all samples share. */
  readonly at: number
  /** Events that ever came to be worked on: new ones and further attempts. */
  readonly arrived: number
  /** Events that ever left the hands of workers, whatever became of them. */
  readonly worked: number
  /** Events that wait for a worker. */
  readonly waiting: number
  readonly workers: number
  /** Batches that all workers can have in work at once, and how many they have. */
  readonly slots: number
  readonly takenSlots: number
  /** An operator has stopped the work. */
  readonly isPaused: boolean
  /** The consumer asked for patience, or did not answer. */
  readonly isHeldUp: boolean
}

/** Arrivals of less time than this are chance. */
const LEAST_ARRIVAL_MS = 2_000

/**
 * Samples that are further apart than three of the longest intervals are so because the clock was set, or nobody looked: hours without
 * work in between would make workers look slow for as long as they are trusted.
 */
const LONGEST_STEP_MS = 30_000

/** Follows the samples and tells how many worker processes are needed. */
export class WorkerDemand {
  readonly #drainTargetMs: number
  readonly #rate = new WorkerRate()
  #last: WorkSample | undefined
  #arrived = 0
  #arrivalMs = 0

  constructor ({ drainTargetMs }: { drainTargetMs: number }) {
    this.#drainTargetMs = drainTargetMs
  }

  /** Worker processes; undefined while it cannot be told: too little is known, the queue cannot be read, or work is paused, when more workers would wait as well. */
  get needed (): number | undefined {
    const last = this.#last
    if (last === undefined || last.isPaused || this.#arrivalMs < LEAST_ARRIVAL_MS) return undefined
    return workersNeeded({
      arrivalRate: this.#arrived * 1000 / this.#arrivalMs,
      backlog: last.waiting,
      ratePerWorker: this.#rate.perWorker,
      liveWorkers: last.workers,
      drainTargetMs: this.#drainTargetMs
    })
  }

  observe (sample: WorkSample): void {
    const last = this.#last
    this.#last = sample
    if (last === undefined) return
    const elapsedMs = sample.at - last.at
    if (elapsedMs <= 0 || elapsedMs > LONGEST_STEP_MS) return
    const keep = 2 ** (-elapsedMs / RATE_HALF_LIFE_MS)
    this.#arrived = this.#arrived * keep + Math.max(0, sample.arrived - last.arrived)
    this.#arrivalMs = this.#arrivalMs * keep + elapsedMs
    if (!isEvidence(last, sample)) return
    this.#rate.observe({
      at: sample.at,
      elapsedMs,
      events: Math.max(0, sample.worked - last.worked),
      workers: sample.workers,
      utilisation: Math.min(1, (last.takenSlots + sample.takenSlots) / 2 / sample.slots),
      isBusy: isBusy(last.takenSlots, last.slots) && isBusy(sample.takenSlots, sample.slots)
    })
  }

  /** The queue cannot be read. What is known of the speed of workers stays. */
  lose (): void {
    this.#last = undefined
  }
}

/** Whether what was done between two samples says how fast workers are. */
function isEvidence (from: WorkSample, to: WorkSample): boolean {
  const couldWork = [from, to].every(({ isPaused, isHeldUp, slots }) => !isPaused && !isHeldUp && slots > 0)
  const hadWork = from.takenSlots > 0 || to.takenSlots > 0 || to.worked > from.worked
  return couldWork && hadWork && from.workers === to.workers
}
