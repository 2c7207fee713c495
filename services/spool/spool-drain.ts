import type { Logger } from 'pino'
import { throttled } from '../logging/throttled-log.ts'
import type { Batch } from '../queue/batch.ts'
import type { Spool } from './spool.ts'
import { TokenBucket } from './token-bucket.ts'

/** How often an empty spool is looked at for what other processes left in it. */
export const REOPEN_INTERVAL_MS = 10_000

export interface SpoolDrainOptions {
  spool: Spool
  /** Tells whether the queue takes events of this priority now. */
  admits: (priority: number) => boolean
  /** Puts a batch into the queue; resolves only when that is confirmed. The same batch may come twice. */
  add: (batch: Batch) => Promise<unknown>
  /** Most events that go into the queue per second. */
  eventsPerSecond: number
  /** Milliseconds. */
  now: () => number
  log: Logger
  onDrained?: (priority: number, events: number) => void
}

/** Moves the batches of the spool into the queue, in order, at a bounded rate, as long as they are admitted. */
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
      log.warn({ event: 'spool-drain-failed', err: error, suppressed }, 'a batch could not go from the spool into the queue and stays')
    }, now)
  }

  /** Moves what may go now, beside whatever else goes on. To be called again and again while the queue is there. */
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
    const { spool, admits, add, log, onDrained } = this.#options
    if (spool.batches === 0) {
      this.#reopenedAt = this.#options.now()
      await spool.open()
    }
    let events = 0
    // Asked anew each time, since a better batch may have come. The first one that has to wait ends the run: no batch overtakes it.
    for (let entry = spool.next(); entry !== undefined; entry = spool.next()) {
      if (!admits(entry.priority) || !this.#budget.has(entry.events)) return
      const batch = await spool.read(entry)
      if (batch === undefined) continue
      this.#budget.take(entry.events)
      await add(batch)
      await spool.remove(entry)
      events += entry.events
      onDrained?.(entry.priority, entry.events)
    }
    if (events > 0) log.info({ event: 'spool-drained', events }, 'the last batch of the spool is in the queue')
  }
}
