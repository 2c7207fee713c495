import { RATE_HALF_LIFE_MS } from '../admission/rate.ts'
import { areSlotsFull, WorkerRate } from './worker-rate.ts'
import { workersNeeded } from './workers-needed.ts'

/** The figures of work in one reading of the queue. Totals are only used by their differences between samples. */
export interface WorkSample {
  /** Milliseconds of a clock that all samples share. */
  readonly at: number
  /** Total of events offered to workers: new ones and further attempts. */
  readonly arrived: number
  /** Total of events that workers finished, with any outcome. */
  readonly worked: number
  /** Events that wait for a worker. */
  readonly waiting: number
  /** Events that workers are processing. */
  readonly inWork: number
  /** Workers that take batches. */
  readonly workers: number
  /** Batches that they can process at once, and that they are processing. */
  readonly slots: number
  readonly takenSlots: number
  /** An operator paused the work, or every worker is held: one more would not help. */
  readonly isPaused: boolean
  /** The consumer asked for a pause, did not answer, or is out of reach of every worker. */
  readonly isHeldUp: boolean
}

/** Arrivals within a shorter time than this are mostly chance. */
const LEAST_ARRIVAL_MS = 2_000

/**
 * A longer step means that the clock was set, or sampling paused: idle hours in between would make workers look slow.
 */
const LONGEST_STEP_MS = 30_000

/** Computes from the samples how many worker processes are needed. */
export class WorkerDemand {
  readonly #drainTargetMs: number
  readonly #rate = new WorkerRate()
  #last: WorkSample | undefined
  #arrived = 0
  #arrivalMs = 0

  constructor ({ drainTargetMs }: { drainTargetMs: number }) {
    this.#drainTargetMs = drainTargetMs
  }

  /**
   * The number of needed worker processes. Undefined without enough evidence, while the queue cannot be read, and while
   * work is paused, since more workers would also wait.
   */
  get needed (): number | undefined {
    const last = this.#last
    if (last === undefined || last.isPaused || this.#arrivalMs < LEAST_ARRIVAL_MS) return undefined
    const needed = workersNeeded({
      arrivalRate: this.#arrived * 1000 / this.#arrivalMs,
      backlog: last.waiting,
      ratePerWorker: this.#rate.perWorker,
      liveWorkers: last.workers,
      drainTargetMs: this.#drainTargetMs
    })
    // Workers that keep up are enough, even if the quotient of two measured rates is slightly above their number.
    const keepUp = last.workers > 0 && !last.isHeldUp && !hasBacklog(last)
    return needed !== undefined && keepUp ? Math.min(needed, last.workers) : needed
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
      inWork: (last.inWork + sample.inWork) / 2,
      isBusy: areBusy(last, sample)
    })
  }

  /** Records that the queue cannot be read. The known speed of workers stays. */
  lose (): void {
    this.#last = undefined
  }
}

/**
 * Whether workers were busy: nearly all slots were used at both ends, or a backlog was left, so no slot was free for
 * long.
 */
function areBusy (from: WorkSample, to: WorkSample): boolean {
  const isFull = areSlotsFull(from.takenSlots, from.slots) && areSlotsFull(to.takenSlots, to.slots)
  return isFull || (hasBacklog(from) && hasBacklog(to) && from.waiting > to.worked - from.worked)
}

/** Whether more events wait than are in work; new arrivals between two checks of a worker are fewer. */
function hasBacklog ({ waiting, inWork }: WorkSample): boolean {
  return waiting > inWork
}

/** Whether the work between two samples shows how fast workers are. */
function isEvidence (from: WorkSample, to: WorkSample): boolean {
  const couldWork = [from, to].every(({ isPaused, isHeldUp, slots }) => !isPaused && !isHeldUp && slots > 0)
  const hadWork = from.takenSlots > 0 || to.takenSlots > 0 || to.worked > from.worked
  return couldWork && hadWork && from.workers === to.workers
}
