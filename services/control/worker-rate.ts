/*
 * Estimates the speed of one worker process with enough to do, by which an autoscaler divides. Only work is evidence:
 *
 *   busy    nearly all slots taken, or a backlog that workers could not
 *           empty: the finished work is their capacity                     rate = events / worker-seconds
 *   light   neither: by the utilisation law U = X x S, with U the share
 *           of slots taken, they could do X / U                            rate = events / (worker-seconds x U)
 *   none    paused, idle, gone, or their number changes: nothing is learned, and the estimate stays as it is
 *
 * Busy measurements are more reliable. The utilisation law assumes that slots are scarce. Processes that run out of CPU
 * before slots do less than it predicts: an autoscaler that relied on it would remove workers, overload the rest, and
 * add them again. So it counts only if there was no busy moment for an hour, or ever. All finished work, busy or not,
 * is proof, and raises the estimate immediately. The mean is over all intervals: a slot becomes free just when a batch
 * ends, so light moments alone would contain only ends.
 *
 * A process that starts takes over the estimate of another one, until its own evidence is as good or contradicts it.
 */
import { WorkWindow } from './work-window.ts'

/** Share of used slots from which workers count as busy. */
const BUSY_SHARE = 0.9

/** For this long after the last busy moment, only busy measurements count. */
const BUSY_TRUST_MS = 3_600_000

/** The estimate of another process is wrong if the own one differs by so many deviations, each 1 / sqrt(lumps). */
const CONTRADICTING_DEVIATIONS = 3

/** The work done between two samples with the same workers. */
export interface Work {
  /** When it ended, in milliseconds of the clock of the samples. */
  readonly at: number
  readonly elapsedMs: number
  /** Events that workers finished, with any outcome. */
  readonly events: number
  readonly workers: number
  /** Mean share of used slots, 0 to 1. */
  readonly utilisation: number
  /** Events in work, the mean. */
  readonly inWork: number
  /** Workers had as much to do as they can. */
  readonly isBusy: boolean
}

/** How fast one worker process is, and how well that is known. */
export interface WorkerSpeed {
  /** Events per second. */
  readonly perWorker: number
  /** Ends of batches behind the figure. */
  readonly lumps: number
  readonly source: 'busy' | 'utilisation'
  /** When the last evidence for it was seen, in milliseconds of the clock of the samples. */
  readonly at: number
}

/** Whether so many slots are used that the finished work shows the capacity of workers. */
export function areSlotsFull (takenSlots: number, slots: number): boolean {
  return slots > 0 && takenSlots >= slots * BUSY_SHARE
}

export class WorkerRate {
  readonly #busy = new WorkWindow()
  /** The work of busy intervals and others. */
  readonly #done = new WorkWindow()
  readonly #inferred = new WorkWindow()
  #busyAt = -Infinity
  #at = 0
  #joined: WorkerSpeed | undefined

  /** Adds the work of an interval; call it only for intervals in which workers had work and could do it. */
  observe ({ at, elapsedMs, events, workers, utilisation, inWork, isBusy }: Work): void {
    this.#at = at
    const interval = { elapsedMs, events, effort: workers * elapsedMs / 1_000, inWorkMs: inWork * elapsedMs }
    this.#done.add(interval)
    this.#inferred.add({ ...interval, effort: interval.effort * (isBusy ? 1 : utilisation) })
    if (isBusy) {
      this.#busyAt = at
      this.#busy.add(interval)
    }
    if (this.#joined !== undefined && this.#surpasses(this.#joined)) this.#joined = undefined
  }

  /** Takes over the estimate of another process. */
  join (speed: WorkerSpeed): void {
    this.#joined = speed
  }

  /** Whether this process has evidence of its own, which does not contradict a speed of another one. */
  get isSeen (): boolean { return this.#joined === undefined || this.#own !== undefined }

  /** The speed of one worker process; undefined before there is evidence. */
  get speed (): WorkerSpeed | undefined { return this.#joined ?? this.#own }

  #surpasses (joined: WorkerSpeed): boolean {
    const own = this.#own
    if (own === undefined) return false
    const isLessReliable = own.source === 'utilisation' && joined.source === 'busy'
    if (isLessReliable && this.#at - joined.at > BUSY_TRUST_MS) return true
    const { rate = 0, lumps } = isLessReliable ? this.#done : { rate: own.perWorker, lumps: own.lumps }
    const ratio = rate / joined.perWorker
    const difference = (isLessReliable ? ratio : Math.max(ratio, 1 / ratio)) - 1
    const isContradicted = difference > CONTRADICTING_DEVIATIONS / Math.sqrt(lumps)
    return isContradicted || (!isLessReliable && own.lumps >= joined.lumps)
  }

  get #own (): WorkerSpeed | undefined {
    const measured = this.#busy.rate
    const isTrusted = measured !== undefined && this.#at - this.#busyAt <= BUSY_TRUST_MS
    const window = isTrusted ? this.#done : this.#inferred
    const { rate } = window
    if (measured !== undefined && measured >= (rate ?? 0)) {
      return { perWorker: measured, lumps: this.#busy.lumps, source: 'busy', at: this.#busyAt }
    }
    if (rate === undefined) return undefined
    const source = isTrusted ? 'busy' : 'utilisation'
    return { perWorker: rate, lumps: window.lumps, source, at: this.#at }
  }
}
