import type { Logger } from 'pino'
import type { Config } from '../services/config/schema.ts'
import type { QueuedEvent } from '../services/event/event.ts'
import type { BatchResult, Outcome } from '../services/event/outcome.ts'
import type { EventBus } from '../services/intake/event-bus.ts'
import type { HoldReason } from '../services/fleet/member.ts'
import type { Tracing } from '../services/tracing/tracing.ts'

export interface HandlerContext {
  /** Aborted at the time-out, with a moment left to return an outcome, and at the shutdown deadline. */
  signal: AbortSignal
  log: Logger
}

/** Handles one event at a time; up to HANDLER_CONCURRENCY of a batch run together. */
export interface EventHandler {
  kind: 'event'
  handle: (event: QueuedEvent, context: HandlerContext) => Promise<Outcome>
}

/** Handles a whole batch of one priority, and returns an outcome for each event in the same order. */
export interface BatchHandler {
  kind: 'batch'
  handle: (events: readonly QueuedEvent[], context: HandlerContext) => Promise<BatchResult>
  /**
   * The time that so many events may need if the handler has its own time-outs, in addition to HANDLER_TIMEOUT_MS for
   * each HANDLER_CONCURRENCY events.
   */
  leastTimeMs?: (events: number) => number
}

export type Handler = EventHandler | BatchHandler

/** Lets a handler keep its worker from taking batches that it could not handle, and learn about pauses of all. */
export interface WorkerControl {
  /** Keeps this worker from taking new batches until the reason is released; others go on. */
  hold: (reason: HoldReason) => void
  release: (reason: HoldReason) => void
  /** Calls back with the remaining milliseconds while all workers pause. */
  onPauseSeen: (listener: (pausedForMs: number) => void) => void
}

export interface HandlerDependencies {
  config: Config
  eventBus: EventBus
  tracing: Tracing
  /** The clock that decides deadlines, in milliseconds since 1970. */
  now: () => number
  log: Logger
  worker: WorkerControl
  /** Runs when the worker stops, after its last batch. */
  onClose: (close: () => void | Promise<void>) => void
}

/** The default export of every file in workers/handlers/. The file name is the handler's name. */
export interface HandlerModule {
  /** Handlers run on a batch one after the other, lowest order first. */
  order: number
  /** Returns undefined if the configuration does not use this handler. Throws if the configuration is impossible. */
  create: (dependencies: HandlerDependencies) => Handler | undefined | Promise<Handler | undefined>
}
