import type { Logger } from 'pino'
import type { QueuedEvent } from '../services/event/event.ts'
import { DONE, interrupted, type BatchResult, type Outcome } from '../services/event/outcome.ts'
import type { BatchHandler, EventHandler, Handler } from './handler.ts'

export interface NamedHandler {
  readonly name: string
  readonly handler: Handler
}

export interface RunnerOptions {
  handlers: readonly NamedHandler[]
  /** Events of one batch in work at once in a handler that takes one event at a time. */
  eventConcurrency: number
  timeoutMs: number
  log: Logger
}

/** What became of each event of a batch after all handlers, in the order of the batch. */
export interface RunResult {
  readonly outcomes: readonly Outcome[]
  /** The longest pause that a handler asked for. */
  readonly pauseMs: number
}

/** Time that a handler has after its signal was aborted to answer by itself. */
const GRACE_MS = 250

/** An event that a stopping worker did not begin: it goes back to the queue as it was. */
const UNTOUCHED = { status: 'retry' as const, reason: 'the worker is stopping', delayMs: 0, countsAsAttempt: false }

/**
 * Runs the handlers on a batch, one handler after the other, and keeps an outcome per event: an event that fails in one
 * handler goes no further, its neighbours do. A handler that an event passed is noted in the event, so a retry does not run it again.
 */
export class BatchRunner {
  readonly #options: RunnerOptions

  constructor (options: RunnerOptions) {
    this.#options = options
  }

  /**
   * @param signal aborted when the batch has to end now
   * @param isDraining asked before each event; once true, events that were not begun are answered as retry without an attempt
   */
  async run (events: readonly QueuedEvent[], signal: AbortSignal, isDraining: () => boolean): Promise<RunResult> {
    const outcomes: Outcome[] = events.map(() => DONE)
    let pauseMs = 0
    for (const { name, handler } of this.#options.handlers) {
      const indexes = events.flatMap((event, index) =>
        outcomes[index] === DONE && !event.completedSteps?.includes(name) ? [index] : [])
      if (indexes.length === 0) continue
      const subset = indexes.map((index) => events[index] as QueuedEvent)
      const result: BatchResult = isDraining()
        ? { outcomes: subset.map(() => UNTOUCHED) }
        : await this.#runHandler(name, handler, subset, signal, isDraining)
      pauseMs = Math.max(pauseMs, result.pauseMs ?? 0)
      for (const [position, index] of indexes.entries()) {
        const event = events[index] as QueuedEvent
        const outcome = result.outcomes[position] ?? { status: 'retry', reason: `${name} answered no outcome` }
        if (outcome.status === 'done') event.completedSteps = [...event.completedSteps ?? [], name]
        else outcomes[index] = outcome
      }
    }
    return { outcomes, pauseMs }
  }

  async #runHandler (name: string, handler: Handler, events: QueuedEvent[], signal: AbortSignal, isDraining: () => boolean): Promise<BatchResult> {
    const log = this.#options.log.child({ handler: name })
    if (handler.kind === 'batch') return await this.#runBatch(name, handler, events, signal, log)
    const outcomes: Outcome[] = events.map(() => UNTOUCHED)
    const queue = events.entries()
    const runQueue = async () => {
      // The runners share one iterator, so each takes the next event that nobody has.
      for (const [index, event] of queue) {
        if (isDraining() || signal.aborted) return
        outcomes[index] = await this.#runEvent(name, handler, event, signal, log)
      }
    }
    await Promise.all(Array.from({ length: Math.min(this.#options.eventConcurrency, events.length) }, runQueue))
    return { outcomes }
  }

  async #runBatch (name: string, handler: BatchHandler, events: QueuedEvent[], signal: AbortSignal, log: Logger): Promise<BatchResult> {
    try {
      const result: Partial<BatchResult> | undefined = await handler.handle(events, { signal, log })
      return { ...result, outcomes: result?.outcomes ?? [] }
    } catch (error) {
      const outcome = signal.aborted ? cutShort(name, signal) : failure(name, error)
      return { outcomes: events.map(() => outcome) }
    }
  }

  async #runEvent (name: string, handler: EventHandler, event: QueuedEvent, signal: AbortSignal, log: Logger): Promise<Outcome> {
    const { timeoutMs } = this.#options
    const cut = new AbortController()
    const timer = setTimeout(() => cut.abort(new DOMException(`timed out after ${timeoutMs} ms`, 'TimeoutError')), timeoutMs)
    const stop = () => cut.abort(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    // A handler that was cut short may still say what it got done; one that does not look at its signal is left behind.
    let grace: NodeJS.Timeout | undefined
    const leftBehind = Promise.withResolvers<Outcome>()
    cut.signal.addEventListener('abort', () => {
      grace = setTimeout(() => leftBehind.resolve(cutShort(name, cut.signal)), GRACE_MS)
    }, { once: true })
    try {
      return await Promise.race([handler.handle(event, { signal: cut.signal, log }), leftBehind.promise])
    } catch (error) {
      return cut.signal.aborted ? cutShort(name, cut.signal) : failure(name, error)
    } finally {
      clearTimeout(timer)
      clearTimeout(grace)
      signal.removeEventListener('abort', stop)
    }
  }
}

function cutShort (name: string, signal: AbortSignal): Outcome {
  const outcome = interrupted(signal)
  return { ...outcome, reason: `${name} ${outcome.reason}` }
}

function failure (name: string, error: unknown): Outcome {
  return { status: 'retry', reason: `${name} failed: ${error instanceof Error ? error.message : String(error)}` }
}
