import { UnrecoverableError } from 'bullmq'
import type { Logger } from 'pino'
import type { QueuedEvent } from '../services/event/event.ts'
import type { Outcome } from '../services/event/outcome.ts'
import { eventsOfJob, type BatchJob } from '../services/queue/bullmq/batch-job.ts'
import { parseBatchId } from '../services/queue/batch.ts'
import { standingOf } from '../services/queue/rank.ts'
import type { Tracing } from '../services/tracing/tracing.ts'
import { afterAttempt, type AttemptLimits } from './batch-outcome.ts'
import type { BatchRunner } from './batch-runner.ts'
import { emptyBatch, type HandledBatch } from './batch-settler.ts'
import { UNTOUCHED } from './run-events.ts'
import { Turns } from './turns.ts'

/** A batch of one event that ended its worker so often while it ran alone becomes a dead letter. */
const MOST_TIMES_ALONE = 3
/** A batch that ended its worker while it ran alone is put back in so many parts. */
const PARTS = 8

export interface BatchHandlingOptions {
  runner: BatchRunner
  tracing: Tracing
  limits: AttemptLimits
  log: Logger
  signal: AbortSignal
  isDraining: () => boolean
  /** Counts that a batch is about to run alone; answers how often that has been so. */
  beginAlone: (batchId: string, token: string) => Promise<number>
  /** Called when the number of batches changes that run alone or wait for that: meanwhile no other is to be taken. */
  onAlone: () => void
}

/** Hands batches to the handlers: side by side, and alone those that may have ended a worker. */
export class BatchHandling {
  readonly #options: BatchHandlingOptions
  readonly #turns = new Turns()
  #alone = 0

  constructor (options: BatchHandlingOptions) {
    this.#options = options
  }

  /** Whether a batch runs alone or waits for that. */
  get isAlone (): boolean { return this.#alone > 0 }

  /** Runs a batch beside others. */
  async handle (id: string, job: BatchJob): Promise<HandledBatch> {
    return await this.#turns.together(() => this.#run(id, job))
  }

  /**
   * Runs a stalled batch alone, so it takes nothing along if it ends the process. One that did comes back in parts,
   * until the cause stands alone and is given up.
   */
  async handleAlone (id: string, job: BatchJob, token: string): Promise<HandledBatch> {
    const { isDraining, beginAlone, onAlone } = this.#options
    this.#alone++
    onAlone()
    try {
      return await this.#turns.alone(async () => {
        if (isDraining()) return { ...await this.#run(id, job), isSuspect: true }
        const times = await beginAlone(id, token)
        const count = parseBatchId(id)?.count ?? 1
        if (times > 1 && count > 1) {
          const events = this.#eventsOf(id, job)
          return {
            ...asTaken(job),
            events,
            outcomes: events.map(() => UNTOUCHED),
            isSuspect: true,
            partSize: Math.ceil(count / PARTS)
          }
        }
        if (times > MOST_TIMES_ALONE) {
          throw new UnrecoverableError(`its worker ended ${MOST_TIMES_ALONE} times while nothing else was in work`)
        }
        return await this.#run(id, job)
      })
    } finally {
      this.#alone--
      onAlone()
    }
  }

  async #run (id: string, job: BatchJob): Promise<HandledBatch> {
    const { runner, tracing, limits, signal, isDraining } = this.#options
    const events = this.#eventsOf(id, job)
    if (events.length === 0) return emptyBatch()
    const spans = tracing.startProcess(events)
    const taken = asTaken(job)
    const { outcomes, pauseMs, wasRefused, endsPause } = await runner.run(events, signal, isDraining)
    spans?.end((index) =>
      afterAttempt(events[index] as QueuedEvent, outcomes[index] as Outcome, limits, taken.takenAtMs)
    )
    return { ...taken, events, outcomes, pauseMs, wasRefused, endsPause }
  }

  #eventsOf (id: string, job: BatchJob): QueuedEvent[] {
    if (parseBatchId(id) === undefined) throw new UnrecoverableError('not a batch of events')
    if (Array.isArray(job.data.events)) return eventsOfJob(job)
    this.#options.log.warn(
      { event: 'batch-without-events', batch: id },
      'a batch came up without its events: it was settled before, and ends again without effect'
    )
    return []
  }
}

/** A batch before the handlers had it. Times of jobs are of the clock of Redis. */
function asTaken ({ opts, processedOn = Date.now() }: BatchJob): HandledBatch {
  return { ...emptyBatch(), standing: standingOf(opts.priority ?? 0), takenAtMs: processedOn }
}
