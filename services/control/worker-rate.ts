/*
 * How fast one worker process is when it has enough to do: the capacity that an autoscaler divides by. Only work tells:
 *
 *   busy    nearly all slots taken, or a backlog that workers could not
 *           empty: what is finished is what they can do                    rate = events / worker-seconds
 *   light   neither: by the utilisation law U = X x S, with U the share
 *           of slots taken, they could do X / U                            rate = events / (worker-seconds x U)
 *   none    paused, idle, gone, or their number changes: nothing is learned, and the estimate stays as it is
 *
 * A busy measurement is the better one. The utilisation law takes slots for what is scarce; processes that are out of
 * CPU before they are out of slots do less than it says, and an autoscaler that believed it would take workers away,
 * see the rest overwhelmed, and bring them back. So it counts only where there was no busy moment for an hour or ever.
 * All finished work, busy or not, is proof, and raises the estimate at once; it covers all intervals,
 * since a slot is free for a moment just when a batch ends, and such moments alone would show nothing but ends.
 */
import { WorkWindow } from './work-window.ts'

/** Share of slots from which workers count as busy. */
const BUSY_SHARE = 0.9

/** A busy measurement is relied on alone for this long after the last busy moment. */
const BUSY_TRUST_MS = 3_600_000

/** The work done between two samples with the same workers. */
export interface Work {
  /** When it ended, in milliseconds of the clock of the samples. */
  readonly at: number
  readonly elapsedMs: number
  /** Events that left the hands of workers, whatever became of them. */
  readonly events: number
  readonly workers: number
  /** Mean share of slots taken, 0 to 1. */
  readonly utilisation: number
  /** Events in work, the mean. */
  readonly inWork: number
  /** Workers had as much to do as they could. */
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

/** Whether slots are so full that what gets done shows what workers can do. */
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

  /** Takes in what was done; call it for intervals in which workers had work and could do it, and for no others. */
  observe ({ at, elapsedMs, events, workers, utilisation, inWork, isBusy }: Work): void {
    this.#at = at
    const interval = { elapsedMs, events, effort: workers * elapsedMs / 1_000, inWorkMs: inWork * elapsedMs }
    this.#done.add(interval)
    this.#inferred.add({ ...interval, effort: interval.effort * (isBusy ? 1 : utilisation) })
    if (!isBusy) return
    this.#busyAt = at
    this.#busy.add(interval)
  }

  /** The speed of one worker process; undefined before there is evidence. */
  get speed (): WorkerSpeed | undefined {
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
