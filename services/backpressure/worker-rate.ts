/*
 * How fast one worker process is when it has enough to do: the capacity that an autoscaler divides by. Only work tells:
 *
 *   busy    nearly all slots taken: what is finished is what they can do           rate = events / worker-seconds
 *   light   some slots free: by the utilisation law U = X x S, with U the share    rate = events / (worker-seconds x U)
 *           of slots taken, they could do X / U
 *   none    paused, idle, gone, or their number changes: nothing is learned, and the estimate stays as it is
 *
 * A busy measurement is the better one. The utilisation law takes slots for what is scarce; processes that are out of CPU
 * before they are out of slots do less than it says, and an autoscaler that believed it would take workers away, see the rest
 * overwhelmed, and bring them back. So it counts only where there was no busy moment for an hour or ever. What workers do get
 * done while slots are free is proof, and raises the estimate at once.
 */
import { RATE_HALF_LIFE_MS } from './rate.ts'

/** Share of slots from which workers count as busy. */
const BUSY_SHARE = 0.9

/** Below this much time in it, a sum of evidence tells more of chance than of workers. Sums grow to 1.44 half-lives. */
const LEAST_EVIDENCE_MS = 2_000

/** A busy measurement is relied on alone for this long after the last busy moment. */
const BUSY_TRUST_MS = 3_600_000

/** What was done between two samples with the same workers. */
export interface Work {
  /** When it ended, in milliseconds of the clock of the samples. */
  readonly at: number
  readonly elapsedMs: number
  /** Events that left the hands of workers, whatever became of them. */
  readonly events: number
  readonly workers: number
  /** Mean share of slots taken, 0 to 1. */
  readonly utilisation: number
  /** Slots were nearly all taken at both ends. */
  readonly isBusy: boolean
}

/** Sums in which the past loses half its weight every 10 s of evidence: their ratios are averages that no single interval decides. */
class Evidence {
  #elapsedMs = 0
  #events = 0
  #workerMs = 0
  #busyWorkerMs = 0

  add ({ elapsedMs, events, workers, utilisation }: Work): void {
    const keep = 2 ** (-elapsedMs / RATE_HALF_LIFE_MS)
    this.#elapsedMs = this.#elapsedMs * keep + elapsedMs
    this.#events = this.#events * keep + events
    this.#workerMs = this.#workerMs * keep + workers * elapsedMs
    this.#busyWorkerMs = this.#busyWorkerMs * keep + workers * elapsedMs * utilisation
  }

  /** Events per second and worker, undefined while there is too little to tell from. */
  get done (): number | undefined { return this.#ratio(this.#workerMs) }

  /** The same of a worker whose slots were all taken. So little work that no sample met any of it leaves no bound: Infinity. */
  get inferred (): number | undefined { return this.#ratio(this.#busyWorkerMs) }

  #ratio (effortMs: number): number | undefined {
    const isEnough = this.#elapsedMs >= LEAST_EVIDENCE_MS && this.#events > 0
    return isEnough ? this.#events * 1000 / effortMs : undefined
  }
}

/** Whether slots are so full that what gets done shows what workers can do. */
export function isBusy (takenSlots: number, slots: number): boolean {
  return slots > 0 && takenSlots >= slots * BUSY_SHARE
}

export class WorkerRate {
  readonly #busy = new Evidence()
  readonly #light = new Evidence()
  #busyAt = -Infinity
  #at = 0

  /** Takes in what was done; call it for intervals in which workers had work and could do it, and for no others. */
  observe (work: Work): void {
    this.#at = work.at
    if (work.isBusy) this.#busyAt = work.at
    ;(work.isBusy ? this.#busy : this.#light).add(work)
  }

  /** Events per second of one worker process, undefined before there is evidence. */
  get perWorker (): number | undefined {
    const measured = this.#busy.done
    if (measured === undefined) return this.#light.inferred
    const isTrusted = this.#at - this.#busyAt <= BUSY_TRUST_MS
    return Math.max(measured, (isTrusted ? this.#light.done : this.#light.inferred) ?? 0)
  }
}
