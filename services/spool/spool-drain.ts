/*
 * Moves the batches of the spool into the queue in waves: it reads the first files, in order and as many as there is
 * room for, in parallel, merges lone events into batches, and sends all batches together. So a wave costs one round
 * trip, however slow that is. A file is removed once the queue has confirmed its events.
 */
import type { Logger } from 'pino'
import { throttled } from '../logging/throttled-log.ts'
import type { Batch } from '../queue/batch.ts'
import { isMergeable } from '../queue/merged-batch.ts'
import type { SpoolEntry } from './spool-entry.ts'
import type { Spool } from './spool.ts'
import { TokenBucket } from './token-bucket.ts'

/** How often an empty spool is checked for files of other processes. */
export const REOPEN_INTERVAL_MS = 10_000

/** Most files and bytes of one wave, which memory holds. */
const WAVE_FILES = 512
const WAVE_BYTES = 8_388_608

/** Files that are read in parallel. */
const READERS = 16

export interface SpoolDrainOptions {
  spool: Spool
  /**
   * Returns how many events of this priority the queue accepts now; a batch with more is sent alone if there is any
   * room.
   */
  room: (priority: number) => number
  /** Whether the part of the queue that a batch belongs to is unavailable; other batches overtake it. */
  isAway?: (batchId: string) => boolean
  /** Stores batches of one priority as one; a retry may group them differently. `bytes` are bytes on disk. */
  add: (parts: readonly Batch[], bytes: number) => Promise<unknown>
  /** Most events that go into the queue per second. */
  eventsPerSecond: number
  /** Bounds of a merged batch. */
  batchMaxEvents: number
  batchMaxBytes: number
  /** Milliseconds. */
  now: () => number
  log: Logger
}

interface Part {
  readonly entry: SpoolEntry
  readonly batch: Batch
}

/** Moves spooled batches into the queue, in order, at a bounded rate, as far as there is room. */
export class SpoolDrain {
  readonly #options: SpoolDrainOptions
  readonly #budget: TokenBucket
  readonly #complain: (error: Error) => void
  #present: Promise<void> = Promise.resolve()
  #isBusy = false
  #reopenedAt: number

  constructor (options: SpoolDrainOptions) {
    const { eventsPerSecond, now, log } = options
    this.#options = options
    this.#budget = new TokenBucket(eventsPerSecond, now)
    this.#reopenedAt = now()
    this.#complain = throttled((error, suppressed) => {
      log.warn(
        { event: 'spool-drain-failed', err: error, suppressed },
        'a batch could not move from the spool into the queue; it stays in the spool'
      )
    }, now)
  }

  /** Moves in the background the batches that have room. To be called repeatedly while the queue is available. */
  begin (): void {
    if (this.#isBusy || (this.#options.spool.batches === 0 && !this.#isReopenDue)) return
    this.#isBusy = true
    this.#present = this.#run().catch(this.#complain).finally(() => { this.#isBusy = false })
  }

  /** Resolves when nothing is being moved. */
  async ended (): Promise<void> {
    await this.#present
  }

  get #isReopenDue (): boolean { return this.#options.now() - this.#reopenedAt >= REOPEN_INTERVAL_MS }

  async #run (): Promise<void> {
    const { spool, log } = this.#options
    if (spool.batches === 0) {
      this.#reopenedAt = this.#options.now()
      await spool.open()
    }
    let events = 0
    // Chosen again each time, since a batch of higher priority may have arrived.
    for (let mayGoOn = true; mayGoOn && spool.batches > 0;) {
      const wave = this.#nextWave()
      if (wave.entries.length === 0) return
      events += await this.#move(wave.entries)
      mayGoOn = !wave.isCutShort
    }
    if (events > 0 && spool.batches === 0) {
      log.info({ event: 'spool-drained', events }, 'the last batch of the spool is in the queue')
    }
  }

  /** Returns the first batches that may leave together, up to the first that has to wait: none overtakes it. */
  #nextWave (): { entries: SpoolEntry[], isCutShort: boolean } {
    const { spool, room, isAway = () => false } = this.#options
    const entries: SpoolEntry[] = []
    let events = 0
    let bytes = 0
    for (const entry of spool.entries()) {
      if (isAway(entry.batchId)) continue
      if (entries.length >= WAVE_FILES || bytes >= WAVE_BYTES) return { entries, isCutShort: false }
      const left = room(entry.priority) - events
      const fits = left >= entry.events || (events === 0 && left > 0)
      if (!fits || !this.#budget.has(entry.events)) return { entries, isCutShort: true }
      this.#budget.take(entry.events)
      entries.push(entry)
      events += entry.events
      bytes += entry.bytes
    }
    return { entries, isCutShort: false }
  }

  /**
   * Moves a wave and returns how many of its events are stored. If some are not, it removes the stored ones and then
   * rejects.
   */
  async #move (entries: readonly SpoolEntry[]): Promise<number> {
    const { spool, add } = this.#options
    let moved = 0
    const ends = await Promise.allSettled(this.#groupsOf(await this.#read(entries)).map(async (parts) => {
      await add(parts.map(({ batch }) => batch), parts.reduce((sum, { entry }) => sum + entry.bytes, 0))
      await Promise.all(parts.map(({ entry }) => spool.remove(entry)))
      for (const { entry } of parts) moved += entry.events
    }))
    const failure = ends.find((end) => end.status === 'rejected')
    if (failure !== undefined) throw failure.reason
    return moved
  }

  async #read (entries: readonly SpoolEntry[]): Promise<Part[]> {
    const batches: (Batch | undefined)[] = []
    const next = entries.entries()
    await Promise.all(Array.from({ length: READERS }, async () => {
      for (const [index, entry] of next) batches[index] = await this.#options.spool.read(entry)
    }))
    return entries.flatMap((entry, index) => {
      const batch = batches[index]
      return batch === undefined ? [] : [{ entry, batch }]
    })
  }

  /**
   * Groups consecutive batches that are compatible and fit. Batches with a common key stay apart: two processes may
   * have accepted the same event, and the queue recognizes known keys, but not a key that is twice in one batch.
   */
  #groupsOf (parts: readonly Part[]): Part[][] {
    const { batchMaxEvents, batchMaxBytes } = this.#options
    const groups: Part[][] = []
    const keys = new Set<string | null>()
    let events = 0
    let bytes = 0
    for (const part of parts) {
      const { entry, batch } = part
      const group = groups.at(-1)
      const [first] = group ?? []
      const isAlike = first !== undefined && isMergeable(first.batch) && isMergeable(batch) &&
        first.entry.priority === entry.priority && (first.batch.keys === undefined) === (batch.keys === undefined) &&
        !batch.keys?.some((key) => keys.has(key))
      if (
        group !== undefined &&
        isAlike &&
        events + entry.events <= batchMaxEvents &&
        bytes + entry.bytes <= batchMaxBytes
      ) {
        group.push(part)
        events += entry.events
        bytes += entry.bytes
      } else {
        groups.push([part])
        events = entry.events
        bytes = entry.bytes
        keys.clear()
      }
      for (const key of batch.keys ?? []) keys.add(key)
    }
    return groups
  }
}
