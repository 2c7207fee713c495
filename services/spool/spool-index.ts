/*
 * The entries of the spool in memory, a list per priority, each in the order of time:
 *
 *   list 1   [gone, gone, entry, entry, gone, entry]
 *                         ^ head
 *
 * Entries nearly always arrive at the end and leave at the head. An entry that left is only marked, by its absence from
 * the map; a list is compacted once most of it is gone. So the frequent operations cost the same at any length.
 */
import { PRIORITY_SLOTS } from '../admission/priority-class.ts'
import { compareEntries, type SpoolEntry } from './spool-entry.ts'

interface EntryList {
  entries: SpoolEntry[]
  head: number
  gone: number
}

/** Below this many gone entries, copying a list costs more than it saves. */
const LEAST_GONE = 1_024

/** The entries by batch and in order, with their sums. */
export class SpoolIndex implements Iterable<SpoolEntry> {
  readonly #byBatch = new Map<string, SpoolEntry>()
  readonly #lists: EntryList[] = Array.from({ length: PRIORITY_SLOTS }, () => ({ entries: [], head: 0, gone: 0 }))
  readonly #events: number[] = Array.from({ length: PRIORITY_SLOTS }, () => 0)
  #bytes = 0

  get size (): number { return this.#byBatch.size }
  get bytes (): number { return this.#bytes }
  get eventsByPriority (): number[] { return [...this.#events] }

  has (batchId: string): boolean { return this.#byBatch.has(batchId) }

  /** Adds an entry, unless its batch has one. */
  add (entry: SpoolEntry): boolean {
    if (this.has(entry.batchId)) return false
    this.#byBatch.set(entry.batchId, entry)
    this.#count(entry, 1)
    const list = this.#list(entry.priority)
    const last = list.entries.at(-1)
    if (last === undefined || compareEntries(last, entry) <= 0) list.entries.push(entry)
    // The clock went back, or the file is from another process.
    else list.entries = list.entries.toSpliced(placeIn(list, entry), 0, entry)
    return true
  }

  /** Returns whether the entry was present. */
  delete (entry: SpoolEntry): boolean {
    if (!this.#isThere(entry)) return false
    this.#byBatch.delete(entry.batchId)
    this.#count(entry, -1)
    const list = this.#list(entry.priority)
    list.gone++
    if (list.gone >= LEAST_GONE && list.gone > list.entries.length / 2) {
      list.entries = list.entries.filter((other) => this.#isThere(other))
      list.head = list.gone = 0
    }
    return true
  }

  /** Yields all entries in order. Omits entries that leave meanwhile; may omit entries that arrive meanwhile. */
  * [Symbol.iterator] (): Generator<SpoolEntry> {
    for (const list of this.#lists) {
      const { entries } = list
      while (list.head < entries.length && !this.#isThere(entries[list.head] as SpoolEntry)) list.head++
      for (let position = list.head; position < entries.length; position++) {
        const entry = entries[position] as SpoolEntry
        if (this.#isThere(entry)) yield entry
      }
    }
  }

  #isThere (entry: SpoolEntry): boolean {
    return this.#byBatch.get(entry.batchId) === entry
  }

  #list (priority: number): EntryList {
    return this.#lists[priority] as EntryList
  }

  #count ({ priority, events, bytes }: SpoolEntry, sign: 1 | -1): void {
    this.#events[priority] = (this.#events[priority] as number) + sign * events
    this.#bytes += sign * bytes
  }
}

/** Returns the place of an entry among those that have not left. */
function placeIn ({ entries, head }: EntryList, entry: SpoolEntry): number {
  let low = head
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareEntries(entries[middle] as SpoolEntry, entry) <= 0) low = middle + 1
    else high = middle
  }
  return low
}
