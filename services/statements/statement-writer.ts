import { sum } from '../admission/sum.ts'
import type { QueueReading } from '../queue/reading.ts'
import type { StatementBook } from './statement-book.ts'
import type { StatementStore } from './statement-store.ts'

const BOOK_INTERVAL_MS = 1_000

/** An empty queue stays empty this long before statements are levelled, so that all processes have booked. */
const EMPTY_MS = 10_000

/** Least time between two levellings of a process, each of which looks at all statements. */
const LEVEL_INTERVAL_MS = 60_000

/** Bookings of a process that stops, of some hundred organizations each. */
const MOST_LAST_BOOKINGS = 10

/** The events in the queue; those of unsettled jobs are finished and not yet counted. */
export type QueueEvents = Pick<QueueReading, 'depthByPriority' | 'delayedByPriority'> & {
  readonly jobs: Pick<QueueReading['jobs'], 'unsettled'>
}

export interface StatementWriterOptions {
  readonly book: StatementBook
  readonly store: Pick<StatementStore, 'book' | 'isUnanswered' | 'level'>
  /** Milliseconds, of a clock that does not go back. */
  readonly now: () => number
  readonly onError: (error: Error) => void
}

/** Books the counts of this process once a second, beside the readings of the queue. No request waits for that. */
export class StatementWriter {
  readonly #options: StatementWriterOptions
  #bookedAt = -Infinity
  #emptySince: number | undefined
  #leveledAt = -Infinity
  /** Whether the queue had events since the last levelling. */
  #mayBeOff = true
  #present: Promise<void> | undefined

  constructor (options: StatementWriterOptions) {
    this.#options = options
  }

  /** Call this with each reading of the queue. */
  observe ({ depthByPriority, delayedByPriority, jobs: { unsettled } }: QueueEvents): void {
    const { book, now, onError } = this.#options
    const isQueueEmpty = sum(depthByPriority) + sum(delayedByPriority) + unsettled === 0
    const at = now()
    book.tick(at)
    this.#mayBeOff ||= !isQueueEmpty || book.hasNews
    this.#emptySince = isQueueEmpty ? this.#emptySince ?? at : undefined
    if (this.#present !== undefined || at - this.#bookedAt < BOOK_INTERVAL_MS) return
    this.#bookedAt = at
    this.#present = this.#work(at).catch(onError).finally(() => { this.#present = undefined })
  }

  /** Books what is left. */
  async end (): Promise<void> {
    const { book, store, onError } = this.#options
    await this.#present
    try {
      if (store.isUnanswered || book.hasNews) await this.#book()
      book.giveUpNewcomers()
      for (let bookings = 0; bookings < MOST_LAST_BOOKINGS && book.hasNews; bookings++) await this.#book()
    } catch (error) {
      onError(error as Error)
    }
  }

  async #work (at: number): Promise<void> {
    const { book, store } = this.#options
    if (store.isUnanswered || book.hasNews) await this.#book()
    const isDue = this.#mayBeOff && this.#emptySince !== undefined && at - this.#emptySince >= EMPTY_MS
    if (!isDue || at - this.#leveledAt < LEVEL_INTERVAL_MS) return
    this.#leveledAt = at
    this.#mayBeOff = false
    await store.level()
  }

  async #book (): Promise<void> {
    const { book, store } = this.#options
    const names = await store.book(() => book.take())
    if (names !== undefined) book.adopt(names)
  }
}
