import { LOWEST_PRIORITY } from '../admission/priority-class.ts'

/** Live traffic counts as present for this long after its last event. */
const LIVE_MS = 2_000

/** Detects live events from the totals of enqueued events; a smoothed rate would notice their end a minute late. */
export class LiveTraffic {
  #enqueued: number | undefined
  #liveAt = -Infinity

  /** Tells whether events arrived lately, apart from the lowest priority, which replayed dead letters have. */
  observe (enqueuedByPriority: readonly number[], nowMs: number): boolean {
    const enqueued = enqueuedByPriority.reduce(
      (total, events, priority) => priority === LOWEST_PRIORITY ? total : total + events,
      0
    )
    if (this.#enqueued !== undefined && enqueued !== this.#enqueued) this.#liveAt = nowMs
    this.#enqueued = enqueued
    return nowMs - this.#liveAt < LIVE_MS
  }
}
