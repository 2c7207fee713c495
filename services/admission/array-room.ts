import type { PriorityClass } from './priority-class.ts'
import type { BodiesInFlight } from './bodies-in-flight.ts'

/**
 * Memory that an event of an array takes beside its bytes, from its parsing to the answer: twenty times a short one, so
 * that bytes alone would bound nothing.
 */
const EVENT_BYTES = 1_024

/** Room in the budget for bodies in flight for the events that an array becomes. One array finds room whatever its size. */
export class ArrayRoom {
  readonly #bodies: BodiesInFlight
  readonly #priorityClass: PriorityClass
  readonly #bodyBytes: number
  readonly #now: () => number
  #held = 0

  /** @param now milliseconds of any clock that does not go back */
  constructor (bodies: BodiesInFlight, priorityClass: PriorityClass, bodyBytes: number, now: () => number) {
    this.#bodies = bodies
    this.#priorityClass = priorityClass
    this.#bodyBytes = bodyBytes
    this.#now = now
  }

  /** Whether there is room for so many more events. */
  take (events: number): boolean {
    const bytes = events * EVENT_BYTES
    if (!this.#bodies.extend(this.#priorityClass, bytes, this.#bodyBytes + this.#held, this.#now())) return false
    this.#held += bytes
    return true
  }

  /** Gives the room back, once the array has been answered. */
  release (): void {
    this.#bodies.release(this.#held)
    this.#held = 0
  }
}
