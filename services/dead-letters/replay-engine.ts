/*
 * Works on replays, in every API process; a lease lets one of them at a time. It keeps nothing that matters: with each reading of
 * the queue it asks Redis what there is to do, looks whether there is room, and moves as many dead letters as fit.
 *
 *   reading ──► turn (lease) ──► room? ──► dead letters from the cursor on ──► batches, each moved in one transaction
 *
 * A transaction takes dead letters, adds their batch and counts them, or does nothing. So a process that is killed at any point leaves
 * each dead letter either where it was or in the queue, and the one that goes on finds out which by looking at the dead letters.
 */
import type { QueueReading } from '../queue/reading.ts'
import type { DeadLetterPage } from './dead-letter.ts'
import type { DeadLetterReader } from './dead-letter-reader.ts'
import { replayBatches } from './replay-batches.ts'
import type { ReplayStore } from './replay-store.ts'
import type { ReplayWork } from './replay.ts'
import type { SpareCapacity } from './spare-capacity.ts'

/** How often a process asks whether there is something to replay, when there was nothing. */
const IDLE_INTERVAL_MS = 1_000
/** A replay that moved something this short a while ago is not called paused. */
const PAUSE_PATIENCE_MS = 1_000
/** While there is no room the lease is kept and the state is noted this often. */
const REST_MS = 500
/** Pages of a replay that are looked at in one turn, since a filter may let none of their dead letters pass. */
const MOST_PAGES = 10
/** Dead letters that were asked for by id are read this many at once. */
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
}

export class ReplayEngine {
  readonly #options: ReplayEngineOptions
  #turn: Promise<void> | undefined
  #isStopped = false
  #turnsTaken = 0
  #askAgainAt = -Infinity
  #restUntil = -Infinity
  /** When something was moved last: by the clock of Redis, and by ours. */
  #movedAtRedisMs = 0
  #movedAt = -Infinity

  constructor (options: ReplayEngineOptions) {
    this.#options = options
  }

  /** Asks with the next reading, instead of when it is time: there is something new. */
  wake (): void {
    this.#askAgainAt = -Infinity
    this.#restUntil = -Infinity
  }

  /** Moves what there is room for, beside whatever else goes on. To be called with every reading. */
  observe (reading: QueueReading): void {
    // A reading that is older than the last move does not show what was moved.
    if (this.#isStopped || this.#turn !== undefined || reading.redisTimeMs <= this.#movedAtRedisMs || this.#options.now() < this.#askAgainAt) return
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
    // A busy process is not kept busy by asking.
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
    // Another one comes first each time, so that a long replay does not keep the others waiting until its end.
    const first = this.#turnsTaken++ % unfinished.length
    for (const id of [...unfinished.slice(first), ...unfinished.slice(0, first)]) {
      if (this.#isStopped || left.batches <= 0 || left.events <= 0) return
      const work = await replays.work(id)
      if (work !== undefined && !await this.#advance(work, left)) return
    }
  }

  /** Moves dead letters of one replay; false when nothing may be moved any more in this turn. */
  async #advance (work: ReplayWork, left: { batches: number, events: number }): Promise<boolean> {
    const { deadLetters, replays, batchMaxEvents, batchMaxBytes } = this.#options
    let { cursor } = work
    for (let pages = 0; pages < MOST_PAGES && !this.#isStopped; pages++) {
      const page = await this.#page(deadLetters, { ...work, cursor }, left.events)
      const batches = replayBatches(page.deadLetters, { events: batchMaxEvents, bytes: batchMaxBytes })
      for (const [index, { batch, deadLetterIds }] of batches.entries()) {
        if (left.batches <= 0 || this.#isStopped) return false
        // Only the last batch of a page takes the cursor along: until then what is left of the page is found by looking again.
        const isLast = index === batches.length - 1
        const { outcome, redisTimeMs } = await replays.move(work.id, batch, deadLetterIds, isLast ? page.next : undefined)
        if (outcome !== 'moved') return outcome !== 'no-lease'
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

  async #page (deadLetters: DeadLetterReader, { selection, cursor, until }: ReplayWork, most: number): Promise<DeadLetterPage> {
    if ('filter' in selection) return await deadLetters.scan(selection.filter, { after: cursor, until, limit: most })
    const from = Number(cursor ?? 0)
    const page = await deadLetters.getPage(selection.ids.slice(from, from + Math.min(most, MOST_LISTED)))
    const to = from + page.looked
    return { deadLetters: page.deadLetters, next: to < selection.ids.length ? String(to) : undefined }
  }
}
