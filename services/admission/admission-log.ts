import type { CircuitState } from './circuit.ts'
import type { CircuitTransition } from './controller.ts'
import { CrossingLog } from './crossing.ts'
import type { Signals } from './signals.ts'
import { queueHealth, warningDepth } from './thresholds.ts'

/** Takes log lines; pino's logger is one. */
export interface AdmissionLogger {
  debug: (fields: object, message: string) => void
  info: (fields: object, message: string) => void
  warn: (fields: object, message: string) => void
  error: (fields: object, message: string) => void
}

/** A queue that stays lost is logged again at most this often. */
const LOST_LOG_INTERVAL_MS = 30_000

/**
 * Logs the changes of admission: crossings, steps of the circuit, loss and return of the queue. Never logs per event.
 */
export class AdmissionLog {
  readonly #log: AdmissionLogger
  readonly #crossings = new CrossingLog()
  readonly #bytesCrossings = new CrossingLog()
  #lostLoggedAt: number | undefined

  constructor (log: AdmissionLogger) {
    this.#log = log
  }

  /** Logs a step of the circuit. The replica that records it does, and no other; without a record it has no epoch. */
  moved (transition: CircuitTransition, epoch: number | undefined): void {
    const { from, to, depth, bytes } = transition
    this.#log.warn(
      { event: 'circuit-transition', ...transition, epoch },
      `circuit ${from} -> ${to} at ${depth} events and ${bytes} bytes in Redis`
    )
  }

  followed (circuitState: CircuitState, epoch: number): void {
    this.#log.debug(
      { event: 'circuit-followed', circuitState, epoch }, `the circuit is ${circuitState}, as another replica recorded`
    )
  }

  /** Logs the changes that a new reading brought. `now` is in milliseconds of the signals' clock. */
  observed (signals: Signals, rejectedCount: number, now: number): void {
    const { depth, thresholds, circuitState } = signals
    if (this.#lostLoggedAt !== undefined) {
      this.#lostLoggedAt = undefined
      this.#log.info({ event: 'queue-available', queueDepth: depth }, 'the queue can be read again')
    }
    this.#recordBytes(signals, rejectedCount, now)
    const crossing = this.#crossings.observe(queueHealth(depth, thresholds), now)
    if (crossing === undefined) return
    const threshold = crossing === 'critical' ? thresholds.critical : warningDepth(thresholds)
    const figures = { queueDepth: depth, threshold, circuitState, rejectedCount }
    this.#log[crossing === 'critical' ? 'error' : 'warn'](
      { event: crossing === 'critical' ? 'queue-critical' : 'queue-warning', ...figures },
      `queue depth ${depth} is at or above the ${crossing} threshold ${threshold}`
    )
  }

  #recordBytes (
    { memory: { usedBytes, thresholds }, circuitState }: Signals,
    rejectedCount: number,
    now: number
  ): void {
    const crossing = thresholds && this.#bytesCrossings.observe(queueHealth(usedBytes, thresholds), now)
    if (thresholds === undefined || crossing === undefined) return
    const threshold = thresholds[crossing]
    const figures = { usedBytes, threshold, circuitState, rejectedCount }
    this.#log[crossing === 'critical' ? 'error' : 'warn'](
      { event: crossing === 'critical' ? 'queue-bytes-critical' : 'queue-bytes-warning', ...figures },
      `Redis holds ${usedBytes} bytes, at or above the ${crossing} threshold ${threshold}; ` +
      'let workers drain the queue, or give Redis more memory'
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
