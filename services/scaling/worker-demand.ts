import { RATE_HALF_LIFE_MS } from '../admission/rate.ts'
import { areSlotsFull, WorkerRate } from './worker-rate.ts'
import { workersNeeded } from './workers-needed.ts'

/**
 * The figures of work in one reading of the queue. Counts without end serve only by the differences between samples.
 */
export interface WorkSample {
  /** Milliseconds of a clock that all samples share. */
  readonly at: number
  /** Events that ever came to be worked on: new ones and further attempts. */
  readonly arrived: number
  /** Events that ever left the hands of workers, whatever became of them. */
  readonly worked: number
  /** Events that wait for a worker. */
  readonly waiting: number
  /** Events that workers have in hand. */
  readonly inWork: number
  /** Those that take batches. */
  readonly workers: number
  /** Batches that all of them can have in work at once, and how many they have. */
  readonly slots: number
  readonly takenSlots: number
  /** An operator has stopped the work, or every worker holds back: one more would not help. */
  readonly isPaused: boolean
  /** The consumer asked for patience, did not answer, or is out of reach of every worker. */
  readonly isHeldUp: boolean
}

/** Arrivals of less time than this are chance. */
const LEAST_ARRIVAL_MS = 2_000

/** Beyond this the clock was set, or nobody looked: idle hours in between would make workers look slow. */
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
    const needed = workersNeeded({
      arrivalRate: this.#arrived * 1000 / this.#arrivalMs,
      backlog: last.waiting,
      ratePerWorker: this.#rate.perWorker,
      liveWorkers: last.workers,
      drainTargetMs: this.#drainTargetMs
    })
    // Workers that keep up are enough, whichever side of their number a quotient of two measured rates falls on.
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

  /** Takes note that the queue cannot be read. The known speed of workers stays. */
  lose (): void {
    this.#last = undefined
  }
}

/** Whether workers were busy: nearly all slots taken at both ends, or a backlog left, so no slot was free for long. */
function areBusy (from: WorkSample, to: WorkSample): boolean {
  const isFull = areSlotsFull(from.takenSlots, from.slots) && areSlotsFull(to.takenSlots, to.slots)
  return isFull || (hasBacklog(from) && hasBacklog(to) && from.waiting > to.worked - from.worked)
}

/** Whether more waits than is in work: what merely came since a worker last looked is less. */
function hasBacklog ({ waiting, inWork }: WorkSample): boolean {
  return waiting > inWork
}

/** Whether what was done between two samples says how fast workers are. */
function isEvidence (from: WorkSample, to: WorkSample): boolean {
  const couldWork = [from, to].every(({ isPaused, isHeldUp, slots }) => !isPaused && !isHeldUp && slots > 0)
  const hadWork = from.takenSlots > 0 || to.takenSlots > 0 || to.worked > from.worked
  return couldWork && hadWork && from.workers === to.workers
}
