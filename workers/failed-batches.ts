import type { Logger } from 'pino'
import type { DeadLetterStore } from '../services/dead-letters/dead-letter-store.ts'
import type { QueuedEvent } from '../services/event/event.ts'
import { traceIdFields } from '../services/logging/trace-ids.ts'
import { eventsOfJob, expectIntact } from '../services/queue/bullmq/batch-job.ts'
import { parseBatchId } from '../services/queue/batch.ts'
import type { Shard } from '../services/queue/shard.ts'
import type { Shards } from '../services/queue/shards.ts'
import { isUnreadable } from '../services/queue/repair.ts'

const PAGE = 100

export interface FailedBatchesOptions {
  queue: Shards
  deadLetters: DeadLetterStore
  log: Logger
  onError: (error: Error) => void
  /** Called with the events of a batch that became dead letters. */
  onDead?: (events: readonly QueuedEvent[]) => void
}

/** Turns events of jobs that BullMQ gave up on, such as jobs that repeatedly ended their worker, into dead letters. */
export class FailedBatches {
  readonly #options: FailedBatchesOptions
  #present: Promise<void> = Promise.resolve()
  #isBusy = false
  #foreignJobs = 0

  constructor (options: FailedBatchesOptions) {
    this.#options = options
  }

  /** Moves failed jobs in the background, in any process, unless all `failedJobs` are known to be foreign. */
  begin (failedJobs: number): void {
    if (this.#isBusy || failedJobs <= this.#foreignJobs) return
    this.#isBusy = true
    this.#present = this.#moveToDeadLetters().catch(async (error: unknown) => {
      this.#options.onError(error as Error)
      // An unreadable job blocks those behind it.
      if (isUnreadable(error)) await this.#options.queue.mend().catch(this.#options.onError)
    }).finally(() => { this.#isBusy = false })
  }

  /** Resolves when no move is in progress. */
  async ended (): Promise<void> {
    await this.#present
  }

  async #moveToDeadLetters (): Promise<void> {
    const kept = await Promise.all(this.#options.queue.opened.map((shard) => this.#moveFrom(shard)))
    this.#foreignJobs = kept.reduce((sum, jobs) => sum + jobs, 0)
  }

  /** Returns the number of jobs that are not ours. */
  async #moveFrom (shard: Shard): Promise<number> {
    const { deadLetters, log } = this.#options
    // A job that is not ours stays, and the next read skips it.
    let kept = 0
    for (;;) {
      const failed = await shard.failedJobs(kept, kept + PAGE - 1)
      if (failed.length === 0) return kept
      for (const job of failed) {
        const id = job.id as string
        if (parseBatchId(id) === undefined) {
          kept++
          continue
        }
        expectIntact(job)
        if (!Array.isArray(job.data.events)) {
          // The batch was already settled and came back.
          if (!await shard.settleFailed(id)) kept++
          continue
        }
        const error = job.failedReason ?? 'the batch failed'
        const events = eventsOfJob(job)
        await deadLetters.add(
          id,
          events.map((event, index) => ({
            index,
            deadLetter: { event, reason: 'batch-failed' as const, error, attempts: event.attempt ?? 1 }
          }))
        )
        if (await shard.settleFailed(id)) this.#options.onDead?.(events)
        log.error(
          { event: 'batch-given-up', batch: id, ...traceIdFields(events), reason: error },
          'a batch failed as a whole and its events became dead letters'
        )
      }
    }
  }
}
