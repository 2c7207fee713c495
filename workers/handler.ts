import type { Logger } from 'pino'
import type { Config } from '../services/config/schema.ts'
import type { QueuedEvent } from '../services/event/event.ts'
import type { BatchResult, Outcome } from '../services/event/outcome.ts'
import type { EventBus } from '../services/intake/event-bus.ts'
import type { HoldReason } from '../services/fleet/member.ts'
import type { Tracing } from '../services/tracing/tracing.ts'

export interface HandlerContext {
  /** Aborted at the time-out, with a moment left to say what got done, and at the shutdown deadline. */
  signal: AbortSignal
  log: Logger
}

/** Takes one event at a time; up to HANDLER_CONCURRENCY of a batch run together. */
export interface EventHandler {
  kind: 'event'
  handle: (event: QueuedEvent, context: HandlerContext) => Promise<Outcome>
}

/** Takes a whole batch, all of one priority, and answers an outcome for each event in the same order. */
export interface BatchHandler {
  kind: 'batch'
  handle: (events: readonly QueuedEvent[], context: HandlerContext) => Promise<BatchResult>
  /**
   * The time so many events may take if the handler has time-outs of its own, on top of HANDLER_TIMEOUT_MS for each
   * HANDLER_CONCURRENCY events.
   */
  leastTimeMs?: (events: number) => number
}

export type Handler = EventHandler | BatchHandler

/** How a handler keeps its worker from taking batches that it could not handle, and learns that all pause. */
export interface WorkerControl {
  /** This worker takes no new batch until the reason is released; others go on. */
  hold: (reason: HoldReason) => void
  release: (reason: HoldReason) => void
  /** Calls back with the milliseconds left while a pause of all workers is seen. */
  onPauseSeen: (listener: (pausedForMs: number) => void) => void
}

export interface HandlerDependencies {
  config: Config
  eventBus: EventBus
  tracing: Tracing
  log: Logger
  worker: WorkerControl
  /** Runs when the worker stops, after its last batch. */
  onClose: (close: () => void | Promise<void>) => void
}

/** The default export of every file in workers/handlers/. The file name is the handler's name. */
export interface HandlerModule {
  /** Handlers run one after the other on a batch, lowest order first. */
  order: number
  /** Answers undefined when the configuration does not ask for this handler. Throws when it asks for something impossible. */
  create: (dependencies: HandlerDependencies) => Handler | undefined | Promise<Handler | undefined>
}
