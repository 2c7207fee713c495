import { UnrecoverableError } from 'bullmq'
import type { Logger } from 'pino'
import type { QueuedEvent } from '../services/event/event.ts'
import type { Outcome } from '../services/event/outcome.ts'
import { eventsOfJob, expectIntact, type BatchJob } from '../services/queue/bullmq/batch-job.ts'
import { parseBatchId } from '../services/queue/batch.ts'
import { standingOf } from '../services/queue/rank.ts'
import type { Tracing } from '../services/tracing/tracing.ts'
import { afterAttempt, type AttemptLimits } from './batch-outcome.ts'
import type { BatchRunner } from './batch-runner.ts'
import { emptyBatch, type HandledBatch } from './batch-settler.ts'
import { UNTOUCHED } from './run-events.ts'
import { Turns } from './turns.ts'

/** A batch of one event becomes a dead letter after it has ended its worker this often while it ran alone. */
const MOST_TIMES_ALONE = 3
/** The number of parts into which a batch is split after it ended its worker while it ran alone. */
const PARTS = 8

export interface BatchHandlingOptions {
  runner: BatchRunner
  tracing: Tracing
  limits: AttemptLimits
  log: Logger
  signal: AbortSignal
  isDraining: () => boolean
  /** Records that a batch is about to run alone; returns how often it has. */
  beginAlone: (batchId: string, token: string) => Promise<number>
  /** Called when a batch begins or stops to run alone or to wait for that: meanwhile the worker must take no other. */
  onAlone: () => void
  /** Called with the types of events that handlers have worked on, and for how long they did. */
  onWorked?: (types: readonly string[], elapsedMs: number) => void
}

/** Hands batches to the handlers: in parallel, except that a batch which may have ended a worker runs alone. */
export class BatchHandling {
  readonly #options: BatchHandlingOptions
  readonly #turns = new Turns()
  #alone = 0

  constructor (options: BatchHandlingOptions) {
    this.#options = options
  }

  /** Whether a batch runs alone or waits to. */
  get isAlone (): boolean { return this.#alone > 0 }

  /** Runs a batch in parallel with others. */
  async handle (id: string, job: BatchJob): Promise<HandledBatch> {
    return await this.#turns.together(() => this.#run(id, job))
  }

  /**
   * Runs a stalled batch alone, so that it affects no other batch if it ends the process. A batch that does is split
   * until the event that causes it is alone and becomes a dead letter.
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
          throw new UnrecoverableError(`its worker ended ${MOST_TIMES_ALONE} times while this batch ran alone`)
        }
        return await this.#run(id, job)
      })
    } finally {
      this.#alone--
      onAlone()
    }
  }

  async #run (id: string, job: BatchJob): Promise<HandledBatch> {
    const { runner, tracing, limits, signal, isDraining, onWorked } = this.#options
    const events = this.#eventsOf(id, job)
    if (events.length === 0) return emptyBatch()
    const spans = tracing.startProcess(events)
    const taken = asTaken(job)
    const startedAt = performance.now()
    const { outcomes, pauseMs, wasRefused, endsPause } = await runner.run(events, signal, isDraining)
    const types = events.filter((_, index) => wasWorkedOn(outcomes[index])).map(({ type }) => type)
    if (types.length > 0) onWorked?.(types, performance.now() - startedAt)
    spans?.end((index) =>
      afterAttempt(events[index] as QueuedEvent, outcomes[index] as Outcome, limits, taken.takenAtMs)
    )
    return { ...taken, events, outcomes, pauseMs, wasRefused, endsPause }
  }

  #eventsOf (id: string, job: BatchJob): QueuedEvent[] {
    if (parseBatchId(id) === undefined) throw new UnrecoverableError('not a batch of events')
    expectIntact(job)
    if (Array.isArray(job.data.events)) return eventsOfJob(job)
    this.#options.log.warn(
      { event: 'batch-without-events', batch: id },
      'a batch came back without its events: it was already settled, and this run has no effect'
    )
    return []
  }
}

function wasWorkedOn (outcome: Outcome | undefined): boolean {
  return outcome !== undefined && outcome !== UNTOUCHED && outcome.status !== 'expired'
}

/** A batch before its handlers run. Times of jobs are those of the clock of Redis. */
function asTaken ({ opts, processedOn = Date.now() }: BatchJob): HandledBatch {
  return { ...emptyBatch(), standing: standingOf(opts.priority ?? 0), takenAtMs: processedOn }
}
