import type { PriorityClass } from './priority-class.ts'
import type { BodiesInFlight } from './bodies-in-flight.ts'

/**
 * Memory that an event of an array takes beside its bytes, from its parsing to the answer. It is twenty times a short
 * event, so a bound on bytes alone would not bound memory.
 */
const EVENT_BYTES = 1_024

/** Reserves room in the budget for bodies in flight for the events of an array. A single array always has room. */
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

  /** Reserves room for this many more events; false if there is none. */
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
