/*
 * The entries of the spool in memory, a lane per priority, each in the order of time:
 *
 *   lane 1   [gone, gone, entry, entry, gone, entry]
 *                         ^ head
 *
 * Entries nearly always come at the end and leave at the head. One that leaves is only marked, by its absence from the map;
 * a lane of which most is gone is copied without them. So all that happens often costs the same at any length.
 */
import { PRIORITY_SLOTS } from '../admission/priority-class.ts'
import { compareEntries, type SpoolEntry } from './spool-entry.ts'

interface Lane {
  entries: SpoolEntry[]
  head: number
  gone: number
}

/** Copying a lane costs as much as it holds; below this it is not worth the while. */
const LEAST_GONE = 1_024

/** The entries by batch and in order, with their sums. */
export class SpoolIndex implements Iterable<SpoolEntry> {
  readonly #byBatch = new Map<string, SpoolEntry>()
  readonly #lanes: Lane[] = Array.from({ length: PRIORITY_SLOTS }, () => ({ entries: [], head: 0, gone: 0 }))
  readonly #events: number[] = Array.from({ length: PRIORITY_SLOTS }, () => 0)
  #bytes = 0

  get size (): number { return this.#byBatch.size }
  get bytes (): number { return this.#bytes }
  get eventsByPriority (): number[] { return [...this.#events] }

  has (batchId: string): boolean { return this.#byBatch.has(batchId) }

  /** Takes an entry in, unless its batch has one. */
  add (entry: SpoolEntry): boolean {
    if (this.has(entry.batchId)) return false
    this.#byBatch.set(entry.batchId, entry)
    this.#count(entry, 1)
    const lane = this.#lane(entry.priority)
    const last = lane.entries.at(-1)
    if (last === undefined || compareEntries(last, entry) <= 0) lane.entries.push(entry)
    // A clock that was put back, or a file of another process.
    else lane.entries = lane.entries.toSpliced(placeIn(lane, entry), 0, entry)
    return true
  }

  /** True when it was there. */
  delete (entry: SpoolEntry): boolean {
    if (!this.#isThere(entry)) return false
    this.#byBatch.delete(entry.batchId)
    this.#count(entry, -1)
    const lane = this.#lane(entry.priority)
    lane.gone++
    if (lane.gone >= LEAST_GONE && lane.gone > lane.entries.length / 2) {
      lane.entries = lane.entries.filter((other) => this.#isThere(other))
      lane.head = lane.gone = 0
    }
    return true
  }

  /** The entry that leaves next. */
  first (): SpoolEntry | undefined {
    for (const lane of this.#lanes) {
      const entry = this.#firstOf(lane)
      if (entry !== undefined) return entry
    }
    return undefined
  }

  /** All entries in order. An entry that leaves meanwhile is left out, one that comes meanwhile may be. */
  * [Symbol.iterator] (): Generator<SpoolEntry> {
    for (const { entries, head } of this.#lanes) {
      for (let position = head; position < entries.length; position++) {
        const entry = entries[position] as SpoolEntry
        if (this.#isThere(entry)) yield entry
      }
    }
  }

  #firstOf (lane: Lane): SpoolEntry | undefined {
    while (lane.head < lane.entries.length && !this.#isThere(lane.entries[lane.head] as SpoolEntry)) lane.head++
    return lane.entries[lane.head]
  }

  #isThere (entry: SpoolEntry): boolean {
    return this.#byBatch.get(entry.batchId) === entry
  }

  #lane (priority: number): Lane {
    return this.#lanes[priority] as Lane
  }

  #count ({ priority, events, bytes }: SpoolEntry, sign: 1 | -1): void {
    this.#events[priority] = (this.#events[priority] as number) + sign * events
    this.#bytes += sign * bytes
  }
}

/** Returns the place of an entry among those that have not left. */
function placeIn ({ entries, head }: Lane, entry: SpoolEntry): number {
  let low = head
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareEntries(entries[middle] as SpoolEntry, entry) <= 0) low = middle + 1
    else high = middle
  }
  return low
}
