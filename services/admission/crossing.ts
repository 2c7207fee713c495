import type { QueueHealth } from './thresholds.ts'

/** A level that stays crossed is logged again at most this often. */
const CROSSING_LOG_INTERVAL_MS = 30_000

export type Crossing = 'warning' | 'critical'

/**
 * Tells when a crossing of the warning or critical threshold is to be logged: at once when the level is reached from below,
 * then at most every 30 s while it lasts, also when the depth swings around the threshold.
 */
export class CrossingLog {
  readonly #loggedAt: Record<Crossing, number> = { warning: -Infinity, critical: -Infinity }

  /** Answers the crossing to log for a queue in this health, or undefined when there is nothing new to say. */
  observe (health: QueueHealth, now: number): Crossing | undefined {
    if (health !== 'warning' && health !== 'critical') return undefined
    if (now - this.#loggedAt[health] < CROSSING_LOG_INTERVAL_MS) return undefined
    // A reader of critical knows of warning too: falling from one to the other is no news.
    this.#loggedAt.warning = now
    if (health === 'critical') this.#loggedAt.critical = now
    return health
  }
}
