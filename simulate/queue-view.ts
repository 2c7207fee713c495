import { smoothRate } from '../services/admission/rate.ts'
import { retryAfterTime } from '../services/admission/retry-after.ts'
import { sum } from '../services/admission/sum.ts'
import type { Reading } from './subject.ts'

const HALF_LIFE_MS = 5_000
const PEER_RETRY_MS = 5_000

/** Algorithms of others say nothing of Retry-After: clients come back after 5 to 10 s. */
export function peerRetryAfter (random: () => number): number {
  return retryAfterTime(PEER_RETRY_MS, random())
}

/** Figures of the queue that algorithms of others ask for, from readings as production takes them. */
export class QueueView {
  /** Events waiting or in work. */
  depth = 0
  waiting = 0
  /** Completions per second while events wait, or more if more were seen. */
  perSecond = 0
  /** The longest wait over the classes, each of its next event. */
  oldestMs = 0
  #finished: number | undefined
  #at = 0

  observe (reading: Reading, now: number): void {
    const finished = reading.done + reading.dead + reading.expired
    const elapsedMs = now - this.#at
    this.depth = sum(reading.depthByPriority)
    const wasBusy = this.waiting > 0
    this.waiting = this.depth - sum(reading.activeByPriority)
    this.oldestMs = Math.max(0, ...reading.oldestWaitingMsByPriority.map((ageMs) => ageMs ?? 0))
    if (this.#finished !== undefined && elapsedMs > 0) {
      const rate = (finished - this.#finished) * 1_000 / elapsedMs
      // Workers without work show how much came, not how much they can do.
      if (wasBusy || rate > this.perSecond) {
        this.perSecond = smoothRate(this.perSecond || undefined, rate, elapsedMs, HALF_LIFE_MS)
      }
    }
    this.#finished = finished
    this.#at = now
  }

  /** The wait of a new event behind all that wait, by Little's law; 0 before anything is known. */
  get waitMs (): number {
    return this.waiting === 0 || this.perSecond === 0 ? 0 : this.waiting * 1_000 / this.perSecond
  }
}
