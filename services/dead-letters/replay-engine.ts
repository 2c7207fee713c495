/*
 * Works on replays, in every API process; a lease admits one process at a time. It keeps no state that matters: with
 * each reading of the queue it asks Redis for work, checks for room, and moves as many dead letters as fit.
 *
 *   reading ──► turn (lease) ──► room? ──► dead letters from the cursor on ──► batches, each moved in one transaction
 *
 * A transaction removes dead letters, adds their batch and counts them, or does nothing. So a process that is killed at
 * any point leaves each dead letter either in its place or in the queue, and the next process sees which.
 */
import type { QueuedEvent } from '../event/event.ts'
import type { QueueReading } from '../queue/reading.ts'
import type { DeadLetterPage } from './dead-letter.ts'
import type { DeadLetterReader } from './dead-letter-reader.ts'
import { replayBatches } from './replay-batches.ts'
import type { ReplayStore } from './replay-store.ts'
import type { ReplayWork } from './replay.ts'
import type { SpareCapacity } from './spare-capacity.ts'

/** How often an idle process checks for replays. */
const IDLE_INTERVAL_MS = 1_000
/** A replay counts as paused this long after its last move. */
const PAUSE_PATIENCE_MS = 1_000
/** How often a process without room renews the lease and records the state. */
const REST_MS = 500
/** Pages of a replay that one turn scans, since a filter may match none of their dead letters. */
const MOST_PAGES = 10
/** Dead letters that are read at once in a replay by ids. */
const MOST_LISTED = 256

export interface ReplayEngineOptions {
  deadLetters: DeadLetterReader
  replays: ReplayStore
  batchMaxEvents: number
  batchMaxBytes: number
  spareCapacity: (reading: QueueReading) => SpareCapacity
  /** Milliseconds, of any clock that does not go back. */
  now: () => number
  onError: (error: Error) => void
  /** Called with events that are in the queue again. */
  onMoved?: (events: readonly QueuedEvent[]) => void
}

export class ReplayEngine {
  readonly #options: ReplayEngineOptions
  #turn: Promise<void> | undefined
  #isStopped = false
  /** Whether the last reading may be older than a replay that was just requested. */
  #isWoken = false
  #turnsTaken = 0
  #askAgainAt = -Infinity
  #restUntil = -Infinity
  /** The times of the last move: by the clock of Redis, and by the clock of this process. */
  #movedAtRedisMs = 0
  #movedAt = -Infinity

  constructor (options: ReplayEngineOptions) {
    this.#options = options
  }

  /** Checks for replays with the next reading instead of after the interval. */
  wake (): void {
    this.#askAgainAt = -Infinity
    this.#restUntil = -Infinity
    this.#isWoken = true
  }

  /** Moves dead letters in the background, as many as have room. To be called with every reading. */
  observe (reading: QueueReading): void {
    // A reading older than the last move does not contain the moved events.
    if (
      this.#isStopped || this.#turn !== undefined || reading.redisTimeMs <= this.#movedAtRedisMs ||
      this.#options.now() < this.#askAgainAt || (reading.unfinishedReplays === 0 && !this.#isWoken)
    ) return
    this.#isWoken = false
    this.#turn = this.#takeTurn(reading).catch((error: Error) => {
      this.#options.onError(error)
    }).finally(() => { this.#turn = undefined })
  }

  /** Resolves when nothing is being moved. */
  async idle (): Promise<void> {
    await this.#turn
  }

  /** Ends the turn that is in progress and lets another process go on. */
  async stop (): Promise<void> {
    if (this.#isStopped) return
    this.#isStopped = true
    await this.#turn
    await this.#options.replays.release().catch(() => {})
  }

  async #takeTurn (reading: QueueReading): Promise<void> {
    const { replays, now, spareCapacity } = this.#options
    const spare = spareCapacity(reading)
    // Checking would keep a busy process busy.
    if (spare.reason !== undefined && now() < this.#restUntil) return
    this.#restUntil = now() + REST_MS
    const { isOurs, unfinished } = await replays.turn()
    this.#askAgainAt = isOurs ? -Infinity : now() + IDLE_INTERVAL_MS
    if (!isOurs) return
    if (spare.reason !== undefined) {
      if (now() - this.#movedAt < PAUSE_PATIENCE_MS) return
      for (const id of unfinished) await replays.record(id, { status: 'paused', reason: spare.reason })
      return
    }
    const left = { batches: spare.batches, events: spare.events }
    // Replays take turns to be first, so a long one does not make the others wait for its end.
    const first = this.#turnsTaken++ % unfinished.length
    for (const id of [...unfinished.slice(first), ...unfinished.slice(0, first)]) {
      if (this.#isStopped || left.batches <= 0 || left.events <= 0) return
      const work = await replays.work(id)
      if (work !== undefined && !await this.#advance(work, left)) return
    }
  }

  /** Moves dead letters of one replay; false if this turn may not move any more. */
  async #advance (work: ReplayWork, left: { batches: number, events: number }): Promise<boolean> {
    const { deadLetters, replays, batchMaxEvents, batchMaxBytes } = this.#options
    let { cursor } = work
    for (let pages = 0; pages < MOST_PAGES && !this.#isStopped; pages++) {
      const page = await this.#page(deadLetters, { ...work, cursor }, left.events)
      const batches = replayBatches(page.deadLetters, { events: batchMaxEvents, bytes: batchMaxBytes })
      for (const [index, { batch, deadLetterIds }] of batches.entries()) {
        if (left.batches <= 0 || this.#isStopped) return false
        // Only the last batch of a page advances the cursor: until then a new scan of the page yields its rest.
        const isLast = index === batches.length - 1
        const { outcome, redisTimeMs } = await replays.move(
          work.id,
          batch,
          deadLetterIds,
          isLast ? page.next : undefined
        )
        if (outcome !== 'moved') return outcome !== 'no-lease'
        this.#options.onMoved?.(batch.events)
        left.batches--
        left.events -= batch.events.length
        this.#movedAtRedisMs = redisTimeMs
        this.#movedAt = this.#options.now()
      }
      if (page.next === undefined) {
        await replays.record(work.id, { status: 'done' })
        return true
      }
      if (batches.length === 0) await replays.record(work.id, { cursor: page.next })
      cursor = page.next
      if (left.events <= 0) return false
    }
    return true
  }

  async #page (
    deadLetters: DeadLetterReader,
    { selection, cursor, until }: ReplayWork,
    most: number
  ): Promise<DeadLetterPage> {
    if ('filter' in selection) return await deadLetters.scan(selection.filter, { after: cursor, until, limit: most })
    const from = Number(cursor ?? 0)
    const page = await deadLetters.getPage(selection.ids.slice(from, from + Math.min(most, MOST_LISTED)))
    const to = from + page.looked
    return { deadLetters: page.deadLetters, next: to < selection.ids.length ? String(to) : undefined }
  }
}
