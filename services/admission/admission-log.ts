import type { Logger } from 'pino'
import type { CircuitTransition } from '../backpressure/controller.ts'
import { CrossingLog } from '../backpressure/crossing.ts'
import type { Signals } from '../backpressure/signals.ts'
import type { QueueHealth } from '../backpressure/thresholds.ts'

/** A queue that stays lost is logged again at most this often. */
const LOST_LOG_INTERVAL_MS = 30_000

/** Tells in the log what changed for admission: crossings, steps of the circuit, the queue lost and found. Never per event. */
export class AdmissionLog {
  readonly #log: Logger
  readonly #crossings = new CrossingLog()
  #lostLoggedAt: number | undefined

  constructor (log: Logger) {
    this.#log = log
  }

  /** A reading came in and made these signals. `now` is in milliseconds of the signals' clock. */
  observed (signals: Signals, health: QueueHealth, transition: CircuitTransition | undefined, rejectedCount: number, now: number): void {
    const { depth, thresholds, circuitState } = signals
    if (this.#lostLoggedAt !== undefined) {
      this.#lostLoggedAt = undefined
      this.#log.info({ event: 'queue-available', queueDepth: depth }, 'the queue can be read again')
    }
    if (transition !== undefined) {
      this.#log.warn({ event: 'circuit-transition', ...transition }, `circuit ${transition.from} -> ${transition.to} at ${depth} events`)
    }
    const crossing = this.#crossings.observe(health, now)
    if (crossing === undefined) return
    const threshold = thresholds[crossing]
    this.#log[crossing === 'critical' ? 'error' : 'warn'](
      { event: crossing === 'critical' ? 'queue-critical' : 'queue-warning', queueDepth: depth, threshold, circuitState, rejectedCount },
      `queue depth ${depth} is at or above the ${crossing} threshold ${threshold}`
    )
  }

  lost (error: Error, now: number): void {
    if (this.#lostLoggedAt !== undefined && now - this.#lostLoggedAt < LOST_LOG_INTERVAL_MS) return
    this.#lostLoggedAt = now
    this.#log.error({ event: 'queue-unavailable', err: error }, 'the queue cannot be read: its depth is unknown')
  }

  reset (): void {
    this.#log.warn({ event: 'backpressure-reset' }, 'the circuit and its counters were reset')
  }
}
