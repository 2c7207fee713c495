import type { PriorityClass } from '../../services/admission/priority-class.ts'
import { named } from '../../simulate/classes.ts'
import { median, quantile } from '../median.ts'

/** The depth is recorded this often. */
export const STEP_MS = 100

/** The queue empties, and clients come back, for at most so long after the last arrival. */
export const MOST_DRAIN_MS = 60_000

/** The course of a run, of the service or of the simulator. */
export class RunRecord {
  /** Events in the queue or in work, for each step. */
  readonly depths: number[] = []
  readonly #events = [0, 0, 0]
  readonly #admitted = [0, 0, 0]
  readonly #sampled = [0, 0, 0]
  readonly #waitsMs: number[][] = [[], [], []]
  readonly #retryAfterSeconds: number[] = []
  #offers = 0
  flips = 0

  arrived (priorityClass: number): void { this.#events[priorityClass]!++ }

  offered (): void { this.#offers++ }

  admitted (priorityClass: number): void { this.#admitted[priorityClass]!++ }

  sampled (priorityClass: number): void { this.#sampled[priorityClass]!++ }

  refused (retryAfterSeconds: number): void { this.#retryAfterSeconds.push(retryAfterSeconds) }

  waited (priorityClass: number, ms: number): void { this.#waitsMs[priorityClass]!.push(Math.max(0, ms)) }

  get figures (): RunFigures {
    const share = (of: number[], index: number) => (of[index] as number) / (this.#events[index] as number)
    return {
      meanDepth: this.depths.reduce((sum, depth) => sum + depth, 0) / this.depths.length,
      highestDepth: Math.max(...this.depths),
      admitted: named((index) => share(this.#admitted, index)),
      sampled: named((index) => share(this.#sampled, index)),
      waitMs: named((index) => ({
        p50: quantile(this.#waitsMs[index]!, 0.5), p99: quantile(this.#waitsMs[index]!, 0.99)
      })),
      flips: this.flips,
      retryAfterSeconds: median(this.#retryAfterSeconds),
      offersPerEvent: this.#offers / this.#events.reduce((sum, events) => sum + events, 0)
    }
  }
}

export interface RunFigures {
  readonly meanDepth: number
  readonly highestDepth: number
  /** Shares of the events. */
  readonly admitted: Readonly<Record<PriorityClass, number>>
  readonly sampled: Readonly<Record<PriorityClass, number>>
  readonly waitMs: Readonly<Record<PriorityClass, { readonly p50: number, readonly p99: number }>>
  readonly flips: number
  /** The median; NaN if nothing was refused. */
  readonly retryAfterSeconds: number
  readonly offersPerEvent: number
}
