/*
 * How many events per second all workers sustain. There is one estimate in the service: the number of workers that are
 * needed is divided by it, and thresholds, waits and deadlines follow from it.
 *
 *   capacity = speed of one worker x workers x share of the events they work on that are completed
 *
 * Work is whatever leaves the hands of a worker; only what is handled is completed. A consumer that answers every call
 * with the same time-out keeps workers busy at a steady pace and completes nothing: its capacity is zero.
 */
import { smoothRate } from '../admission/rate.ts'
import type { LearnedSpeed } from './learned.ts'
import { areSlotsFull, WorkerRate, type WorkerSpeed } from './worker-rate.ts'

/** The figures of work in one reading of the queue. Counts without end serve by their differences only. */
export interface WorkSample {
  /** Milliseconds of a clock that all samples share. */
  readonly at: number
  /** Events that ever came to be worked on: new ones and further attempts. */
  readonly arrived: number
  /** Events that ever left the hands of workers, whatever became of them. */
  readonly worked: number
  /** Those of them that were handled; neither failed attempts nor dead letters. */
  readonly completed: number
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

export const EVIDENCE = ['none', 'held', 'utilisation', 'busy'] as const

/**
 * The origin of an estimate: measured while workers were busy; inferred from the share of slots in use; held, since
 * the last sample taught nothing; or none so far.
 */
export type Evidence = (typeof EVIDENCE)[number]

export interface CapacityEstimate {
  /** Events per second; Infinity if work was never seen to take time, undefined without evidence. */
  readonly perSecond: number | undefined
  /** A bound that the truth is above five times out of six. */
  readonly safePerSecond: number | undefined
  readonly evidence: Evidence
  /** Whether busy workers have shown it, now or before. */
  readonly isMeasured: boolean
  /** How long ago the last evidence for it was seen; undefined without evidence. */
  readonly ageMs: number | undefined
}

/** Standard deviations between the estimate and its lower bound. */
const SAFE_DEVIATIONS = 1

/**
 * Samples further apart than three of the longest intervals are so because the clock was set, or nobody looked: hours
 * without work in between would make workers look slow for as long as they are trusted.
 */
const LONGEST_STEP_MS = 30_000

const NO_ESTIMATE: CapacityEstimate = Object.freeze({
  perSecond: undefined, safePerSecond: undefined, evidence: 'none', isMeasured: false, ageMs: undefined
})

/** Follows the samples and estimates what workers sustain. Without evidence the estimate stays as it is. */
export class Capacity {
  readonly #rate = new WorkerRate()
  #last: WorkSample | undefined
  #at = 0
  /** Workers of the last sample that had any: those that are replaced are gone for a moment. */
  #workers = 0
  #isLearning = false
  #completedShare: number | undefined
  /** Evidence since the last event left the hands of a worker. */
  #unsettledMs = 0

  /** Takes in a sample and returns the milliseconds since the one before; undefined if they cannot be compared. */
  observe (sample: WorkSample): number | undefined {
    const last = this.#last
    this.#last = sample
    this.#at = sample.at
    this.#isLearning = false
    if (sample.workers > 0) this.#workers = sample.workers
    const elapsedMs = last === undefined ? 0 : sample.at - last.at
    if (last === undefined || elapsedMs <= 0 || elapsedMs > LONGEST_STEP_MS) return undefined
    if (isEvidence(last, sample)) this.#learn(last, sample, elapsedMs)
    return elapsedMs
  }

  /** The queue cannot be read. The estimate stays. */
  lose (): void {
    this.#last = undefined
    this.#isLearning = false
  }

  /** The estimate for another process to go on from; undefined without evidence. */
  get learned (): LearnedSpeed | undefined {
    const { speed } = this.#rate
    if (speed === undefined || !Number.isFinite(speed.perWorker) || this.#workers === 0) return undefined
    return { ...speed, workers: this.#workers, completedShare: this.#completedShare ?? 1 }
  }

  /** Goes on from the estimate of another process; it counts as held until there is evidence here. */
  join ({ workers, completedShare, ...speed }: LearnedSpeed): void {
    this.#rate.join(speed)
    this.#workers ||= workers
    this.#completedShare = completedShare
  }

  /** The speed of one worker process in events that it works on, whatever becomes of them. */
  get workerSpeed (): WorkerSpeed | undefined { return this.#rate.speed }

  get estimate (): CapacityEstimate {
    const { speed } = this.#rate
    if (speed === undefined) return NO_ESTIMATE
    const share = this.#completedShare ?? 1
    const perSecond = shareOf(speed.perWorker * this.#workers, share)
    return {
      perSecond,
      safePerSecond: shareOf(perSecond, lowerBoundShare(speed.lumps)),
      evidence: this.#isLearning && this.#rate.isSeen ? speed.source : 'held',
      isMeasured: speed.source === 'busy',
      ageMs: Math.max(0, this.#at - speed.at)
    }
  }

  #learn (from: WorkSample, to: WorkSample, elapsedMs: number): void {
    this.#isLearning = true
    const events = Math.max(0, to.worked - from.worked)
    this.#rate.observe({
      at: to.at,
      elapsedMs,
      events,
      workers: to.workers,
      utilisation: Math.min(1, (from.takenSlots + to.takenSlots) / 2 / to.slots),
      inWork: (from.inWork + to.inWork) / 2,
      isBusy: areBusy(from, to)
    })
    this.#unsettledMs += elapsedMs
    if (events === 0) return
    const completed = Math.min(1, Math.max(0, to.completed - from.completed) / events)
    this.#completedShare = smoothRate(this.#completedShare, completed, this.#unsettledMs)
    this.#unsettledMs = 0
  }
}

/** Share of an estimate that is left when chance is subtracted, from a relative deviation of 1 / sqrt(lumps). */
function lowerBoundShare (lumps: number): number {
  return Math.max(0, 1 - SAFE_DEVIATIONS / Math.sqrt(lumps))
}

/** No share of anything is nothing, of Infinity too: NaN would stay in all that follows from it. */
function shareOf (perSecond: number, share: number): number {
  return share === 0 ? 0 : perSecond * share
}

/** Whether more waits than is in work: what merely came since a worker last looked is less. */
export function hasBacklog ({ waiting, inWork }: WorkSample): boolean {
  return waiting > inWork
}

/**
 * Whether workers had as much to do as they could: nearly all slots taken at the beginning, or a backlog that they did
 * not empty, so that no slot was free for long, whatever a sample saw in the moment between two batches.
 *
 * Slots may have become free at the end, up to half of them: to ask for full ones at both ends would leave out just the
 * intervals in which work ended, and workers would look slower than they are.
 */
export function areBusy (from: WorkSample, to: WorkSample): boolean {
  const isFull = areSlotsFull(from.takenSlots, from.slots) && 2 * to.takenSlots >= from.takenSlots
  return isFull || (hasBacklog(from) && hasBacklog(to) && from.waiting > to.worked - from.worked)
}

/** Whether what was done between two samples says how fast workers are. */
function isEvidence (from: WorkSample, to: WorkSample): boolean {
  const couldWork = [from, to].every(({ isPaused, isHeldUp, slots }) => !isPaused && !isHeldUp && slots > 0)
  const hadWork = from.takenSlots > 0 || to.takenSlots > 0 || to.worked > from.worked
  return couldWork && hadWork && from.workers === to.workers
}
