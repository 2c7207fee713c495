import type { QueueHealth } from './thresholds.ts'

/** A level that stays crossed is logged again at most this often. */
const CROSSING_LOG_INTERVAL_MS = 30_000

export type Crossing = 'warning' | 'critical'

/**
 * Decides when to log a crossing of the warning or critical threshold: immediately when the level is reached from
 * below, then at most every 30 s while it lasts, even if the depth swings around the threshold.
 */
export class CrossingLog {
  readonly #loggedAt: Record<Crossing, number> = { warning: -Infinity, critical: -Infinity }

  /** Returns the crossing to log for a queue in this health; undefined if there is no news. */
  observe (health: QueueHealth, now: number): Crossing | undefined {
    if (health !== 'warning' && health !== 'critical') return undefined
    if (now - this.#loggedAt[health] < CROSSING_LOG_INTERVAL_MS) return undefined
    // The critical line implies the warning: a fall from critical to warning is no news.
    this.#loggedAt.warning = now
    if (health === 'critical') this.#loggedAt.critical = now
    return health
  }
}
