import type { Logger } from 'pino'
import { Deadline } from '../services/clock/deadline.ts'
import type { QueuedEvent } from '../services/event/event.ts'
import { hasExpired } from '../services/event/expiry.ts'
import { DONE, EXPIRED, type BatchResult, type Outcome } from '../services/event/outcome.ts'
import type { BatchHandler, Handler } from './handler.ts'
import { cutShort, failure } from './handler-failure.ts'
import { GRACE_MS } from './event-slot.ts'
import { runEvents, UNTOUCHED } from './run-events.ts'

export interface NamedHandler {
  readonly name: string
  readonly handler: Handler
}

export interface RunnerOptions {
  handlers: readonly NamedHandler[]
  /** Events of one batch that run at once in a handler for single events. */
  eventConcurrency: number
  timeoutMs: number
  /** The clock that decides deadlines, in milliseconds since 1970. */
  now: () => number
  log: Logger
}

/** The outcome of each event of a batch after all handlers, in the order of the batch. */
export interface RunResult {
  readonly outcomes: readonly Outcome[]
  /** The longest pause of all workers that a handler asked for. */
  readonly pauseMs: number
  /** Whether a handler learned from these events that the consumer refuses everything. */
  readonly wasRefused: boolean
  /** Whether a handler learned that the pause of all workers is over. */
  readonly endsPause: boolean
}

interface Stage extends NamedHandler {
  readonly log: Logger
}

/** The indexes of the events that passed a handler. */
interface Passage {
  readonly name: string
  readonly indexes: number[]
}

/**
 * Runs the handlers in turn. An event that fails in one skips the rest. The event records the handlers that it passed,
 * so that a retry does not run them again.
 */
export class BatchRunner {
  readonly #options: RunnerOptions
  readonly #stages: readonly Stage[]

  constructor (options: RunnerOptions) {
    this.#options = options
    this.#stages = options.handlers.map(({ name, handler }) => ({
      name,
      handler,
      log: options.log.child({ handler: name })
    }))
  }

  /** @param isDraining once true, events that have not begun get the outcome retry without an attempt */
  async run (events: readonly QueuedEvent[], signal: AbortSignal, isDraining: () => boolean): Promise<RunResult> {
    const { now } = this.#options
    // A process without handlers finishes no event after its deadline either.
    const outcomes: Outcome[] = events.map((event) => hasExpired(event, now) ? EXPIRED : DONE)
    const passages: Passage[] = []
    let pauseMs = 0
    let wasRefused = false
    let endsPause = false
    for (const stage of this.#stages) {
      const indexes = openIndexes(events, outcomes, stage.name, now)
      if (indexes.length === 0) continue
      const subset = indexes.length === events.length ? events : indexes.map((index) => events[index] as QueuedEvent)
      const result = await this.#runStage(stage, subset, signal, isDraining)
      pauseMs = Math.max(pauseMs, result.pauseMs ?? 0)
      wasRefused ||= result.wasRefused === true
      endsPause ||= result.endsPause === true
      const passed: number[] = []
      for (const [position, index] of indexes.entries()) {
        const outcome = result.outcomes[position] ?? { status: 'retry', reason: `${stage.name} returned no outcome` }
        if (outcome.status === 'done') passed.push(index)
        else outcomes[index] = outcome
      }
      passages.push({ name: stage.name, indexes: passed })
    }
    // Nobody reads the notes of a batch that is done.
    if (outcomes.some((outcome) => outcome !== DONE)) recordPassages(events, passages)
    return { outcomes, pauseMs, wasRefused, endsPause }
  }

  async #runStage (
    { name, handler, log }: Stage,
    events: readonly QueuedEvent[],
    signal: AbortSignal,
    isDraining: () => boolean
  ): Promise<BatchResult> {
    if (isDraining()) return { outcomes: events.map(() => UNTOUCHED) }
    const { eventConcurrency: concurrency, timeoutMs, now } = this.#options
    if (handler.kind === 'batch') {
      const limitMs = Math.max(
        timeoutMs * Math.ceil(events.length / concurrency),
        handler.leastTimeMs?.(events.length) ?? 0
      )
      return await runBatch(name, handler, events, { signal, log, limitMs })
    }
    return { outcomes: await runEvents(events, { name, handler, timeoutMs, now, log, concurrency, signal, isDraining }) }
  }
}

/**
 * Returns the events that have not failed, whose deadlines have not passed, and that have not passed this handler in an
 * earlier attempt. An event that has expired gets that outcome.
 */
function openIndexes (
  events: readonly QueuedEvent[], outcomes: Outcome[], name: string, now: () => number
): number[] {
  const indexes: number[] = []
  for (const [index, event] of events.entries()) {
    if (outcomes[index] !== DONE || event.completedSteps?.includes(name)) continue
    if (hasExpired(event, now)) outcomes[index] = EXPIRED
    else indexes.push(index)
  }
  return indexes
}

/** Abandons a handler that ignores its signal, so that its slot is free for other batches. */
async function runBatch (
  name: string, handler: BatchHandler, events: readonly QueuedEvent[], { signal, log, limitMs }: BatchRun
): Promise<BatchResult> {
  const cut = new AbortController()
  const leftBehind = Promise.withResolvers<BatchResult>()
  let grace: Deadline | undefined
  const end = (reason: unknown) => {
    if (cut.signal.aborted) return
    cut.abort(reason)
    grace = new Deadline(GRACE_MS, () => leftBehind.resolve(answer(cutShort(name, cut.signal))))
  }
  const answer = (outcome: Outcome) => ({ outcomes: events.map(() => outcome) })
  const deadline = new Deadline(limitMs, () => end(new DOMException(`timed out after ${limitMs} ms`, 'TimeoutError')))
  const stop = () => end(signal.reason)
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  try {
    const result: Partial<BatchResult> | undefined = await Promise.race([
      handler.handle(events, { signal: cut.signal, log }),
      leftBehind.promise
    ])
    return { ...result, outcomes: result?.outcomes ?? [] }
  } catch (error) {
    return answer(cut.signal.aborted ? cutShort(name, cut.signal) : failure(name, error))
  } finally {
    deadline.clear()
    grace?.clear()
    signal.removeEventListener('abort', stop)
  }
}

interface BatchRun {
  signal: AbortSignal
  log: Logger
  /** How long the handler may take. */
  limitMs: number
}

function recordPassages (events: readonly QueuedEvent[], passages: readonly Passage[]): void {
  for (const { name, indexes } of passages) {
    for (const index of indexes) {
      const event = events[index] as QueuedEvent
      event.completedSteps = [...event.completedSteps ?? [], name]
    }
  }
}
