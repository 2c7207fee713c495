/*
 * Bounded room for names. The frequent ones of one record keep their places in the next, and the other half of the room
 * is for the first new ones. A new name with a share s of the events misses its place in a record with a probability of
 * (1 - s)^(room / 2), even if every other event has a name that never comes again.
 */
import { FIRST_NAME, NO_NAME, OTHER_NAMES } from './arrival-record.ts'

export class Places {
  readonly #room: number
  readonly #placeOf = new Map<string, number>()
  /** Events by place. */
  readonly #events: Float64Array

  constructor (room: number) {
    this.#room = room
    this.#events = new Float64Array(FIRST_NAME + room)
  }

  /** The highest number of a place, plus one. */
  get size (): number { return FIRST_NAME + this.#room }

  /** The names in the order of their places, from the first one after those without a name. */
  get names (): string[] { return [...this.#placeOf.keys()] }

  /** Counts an event and returns the place of its name. */
  count (name: string | undefined): number {
    const place = this.#find(name)
    this.#events[place]!++
    return place
  }

  /** Gives up all places but those of the more frequent half. */
  renew (): void {
    const frequent = [...this.#placeOf].map(([name, place]) => ({ name, events: this.#events[place] as number }))
      .filter(({ events }) => events > 0)
      .toSorted((a, b) => b.events - a.events)
      .slice(0, this.#room / 2)
    this.#events.fill(0)
    this.#placeOf.clear()
    for (const { name } of frequent) this.#placeOf.set(name, FIRST_NAME + this.#placeOf.size)
  }

  #find (name: string | undefined): number {
    if (name === undefined) return NO_NAME
    const place = this.#placeOf.get(name)
    if (place !== undefined) return place
    if (this.#placeOf.size === this.#room) return OTHER_NAMES
    const next = FIRST_NAME + this.#placeOf.size
    this.#placeOf.set(name, next)
    return next
  }
}
