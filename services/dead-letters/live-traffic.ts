import { LOWEST_PRIORITY } from '../admission/priority-class.ts'

/** Live events count as coming for this long after the last one. */
const LIVE_MS = 2_000

/** Whether live events come, told from how many were ever enqueued; a smoothed rate would know of the end a minute late. */
export class LiveTraffic {
  #enqueued: number | undefined
  #liveAt = -Infinity

  /** Whether events other than those of the lowest priority, as which dead letters are replayed, came of late. */
  observe (enqueuedByPriority: readonly number[], nowMs: number): boolean {
    const enqueued = enqueuedByPriority.reduce((total, events, priority) => priority === LOWEST_PRIORITY ? total : total + events, 0)
    if (this.#enqueued !== undefined && enqueued !== this.#enqueued) this.#liveAt = nowMs
    this.#enqueued = enqueued
    return nowMs - this.#liveAt < LIVE_MS
  }
}
