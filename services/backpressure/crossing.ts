import type { QueueHealth } from './thresholds.ts'

/** A level that stays crossed is logged again at most this often. */
export const CROSSING_LOG_INTERVAL_MS = 30_000

export type Crossing = 'warning' | 'critical'

/**
 * Tells when a crossing of the warning or critical threshold is to be logged: at once when the level is reached from below,
 * then at most every 30 s while it lasts, also when the depth swings around the threshold.
 */
export class CrossingLog {
  #level: Crossing | undefined
  readonly #loggedAt = new Map<Crossing, number>()

  /** Answers the crossing to log for a queue in this health, or undefined when there is nothing new to say. */
  observe (health: QueueHealth, now: number): Crossing | undefined {
    if (health === 'unknown') return undefined
    const level = health === 'warning' || health === 'critical' ? health : undefined
    const fellToLevel = this.#level === 'critical' && level === 'warning'
    this.#level = level
    if (level === undefined) return undefined
    const loggedAt = this.#loggedAt.get(level)
    if (loggedAt !== undefined && now - loggedAt < CROSSING_LOG_INTERVAL_MS) return undefined
    this.#loggedAt.set(level, now)
    return fellToLevel ? undefined : level
  }
}
