import type { SendResult } from './event.ts'

/** An event from `send` to its answer. */
export interface Entry {
  readonly id: string
  /** The event as JSON with its id, the same for every attempt. */
  readonly text: string
  readonly bytes: number
  /** 1 to 10; determines the order. */
  readonly priority: number
  /** Whether the event names its priority, which the client then also sends as a header. */
  readonly isPriorityKnown: boolean
  readonly traceparent: string | undefined
  /** The time after which it is not sent any more, in milliseconds of the clock. */
  readonly deadline: number
  attempts: number
  isInFlight: boolean
  isAborted: boolean
  /** The result so far, which is final if there is no further attempt. */
  last: SendResult | undefined
  readonly settle: (result: SendResult) => void
}

const PRIORITIES = 10

/**
 * Waiting events by priority, retries before new ones; bounded in events and bytes, including those in flight. Sets
 * keep the order of insertion and allow removal from the middle.
 */
export class Spool {
  readonly #maxEvents: number
  readonly #maxBytes: number
  readonly #repeated = Array.from({ length: PRIORITIES + 1 }, () => new Set<Entry>())
  readonly #fresh = Array.from({ length: PRIORITIES + 1 }, () => new Set<Entry>())
  /** All events without an answer, in the order of `send`. */
  readonly #unanswered = new Set<Entry>()
  #bytes = 0

  constructor (maxEvents: number, maxBytes: number) {
    this.#maxEvents = maxEvents
    this.#maxBytes = maxBytes
  }

  get events (): number { return this.#unanswered.size }

  get bytes (): number { return this.#bytes }

  /** The events in the order of `send`, which is that of their deadlines. */
  get unanswered (): ReadonlySet<Entry> { return this.#unanswered }

  /**
   * Adds an event. If there is no room, it drops waiting events of lower priority, the lowest first and of those the
   * oldest, and returns them. Returns undefined and drops nothing if even that makes no room.
   */
  add (entry: Entry): readonly Entry[] | undefined {
    const givenUp: Entry[] = []
    let events = this.events + 1
    let bytes = this.#bytes + entry.bytes
    const isTooMuch = () => events > this.#maxEvents || bytes > this.#maxBytes
    for (let priority = PRIORITIES; priority > entry.priority && isTooMuch(); priority--) {
      for (const candidate of this.#waiting(priority)) {
        if (!isTooMuch()) break
        givenUp.push(candidate)
        events--
        bytes -= candidate.bytes
      }
    }
    if (isTooMuch()) return undefined
    for (const candidate of givenUp) this.remove(candidate)
    this.#unanswered.add(entry)
    this.#bytes += entry.bytes
    this.#of(this.#fresh, entry.priority).add(entry)
    return givenUp
  }

  /**
   * Removes and returns a batch of one priority class, and of one trace, since a request has one traceparent.
   *
   * @param mayRepeat called for each event that was sent before; spends one retry of the budget
   */
  take (
    { first, last }: { first: number, last: number },
    most: { events: number, bytes: number },
    mayRepeat: () => boolean
  ): Entry[] {
    const batch: Entry[] = []
    let bytes = 0
    const takeFrom = (entries: Set<Entry>, isAllowed: () => boolean): boolean => {
      for (const entry of entries) {
        const isFull = batch.length >= most.events || (batch.length > 0 && bytes + entry.bytes > most.bytes)
        if (isFull || (batch.length > 0 && entry.traceparent !== batch[0]?.traceparent)) return false
        if (!isAllowed()) break
        entries.delete(entry)
        entry.isInFlight = true
        bytes += entry.bytes
        batch.push(entry)
      }
      return true
    }
    for (let priority = first; priority <= last; priority++) {
      if (
        !takeFrom(this.#of(this.#repeated, priority), mayRepeat) ||
        !takeFrom(this.#of(this.#fresh, priority), () => true)
      ) break
    }
    return batch
  }

  /** Whether an event of these priorities waits. */
  hasWaiting ({ first, last }: { first: number, last: number }): boolean {
    for (let priority = first; priority <= last; priority++) {
      if (this.#of(this.#repeated, priority).size + this.#of(this.#fresh, priority).size > 0) return true
    }
    return false
  }

  /** Puts an event that was in flight back for a retry. */
  putBack (entry: Entry): void {
    entry.isInFlight = false
    this.#of(this.#repeated, entry.priority).add(entry)
  }

  /** Removes an event that has its answer. */
  remove (entry: Entry): void {
    if (!this.#unanswered.delete(entry)) return
    this.#of(this.#repeated, entry.priority).delete(entry)
    this.#of(this.#fresh, entry.priority).delete(entry)
    this.#bytes -= entry.bytes
  }

  * #waiting (priority: number): Generator<Entry> {
    yield * this.#of(this.#repeated, priority)
    yield * this.#of(this.#fresh, priority)
  }

  #of (sets: readonly Set<Entry>[], priority: number): Set<Entry> {
    return sets[priority] as Set<Entry>
  }
}
