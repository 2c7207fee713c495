/** Names that are counted at most; more than this are pruned to the half with the most events. */
const MOST_COUNTED = 50_000

/** Finds the names with the most events in bounded memory (lossy counting: rare ones may be missed, never frequent ones). */
export class FrequentNames {
  #events = new Map<string, number>()

  add (name: string, events: number): void {
    this.#events.set(name, (this.#events.get(name) ?? 0) + events)
    if (this.#events.size > MOST_COUNTED) this.#events = new Map(this.#sorted().slice(0, MOST_COUNTED / 2))
  }

  /** The names with the most events, the most first. */
  top (most: number): string[] {
    return this.#sorted().slice(0, most).map(([name]) => name)
  }

  #sorted (): [name: string, events: number][] {
    return [...this.#events].toSorted(([a, more], [b, less]) => less - more || (a < b ? -1 : 1))
  }
}
