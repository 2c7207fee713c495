/*
 * The trace of sampled events, behind an interface that is independent of the recorder. The context of an event travels
 * with or without a recorder; with one, each span becomes the parent of the next:
 *
 *   producer ─► request ─┬─► send (a batch)
 *                        └─► process (an event, each attempt) ─► deliver (a call) ─► consumer
 *
 * A batch has events of many traces. If all its sampled events share a trace, its spans belong to that trace; otherwise
 * they begin a trace of their own, with links to those of the events.
 */
import type { QueuedEvent } from '../event/event.ts'
import type { Outcome } from '../event/outcome.ts'
import type { RequestHeaders } from '../event/request-headers.ts'
import type { TraceContext } from '../event/trace-context.ts'

/** A recorded piece of work; the code that begins it ends it. */
export interface Span {
  /** The context for further work: the same trace, with the span as parent. */
  readonly trace: TraceContext
  /** @param ending the status of an answer, or the reason why there is none; `isFailure` marks it as a failure */
  end: (ending?: { status?: number, error?: string | undefined, isFailure?: boolean }) => void
}

/**
 * The work on a batch. Meanwhile its sampled events have the contexts of their spans; at the end their own contexts
 * return.
 */
export interface ProcessSpans {
  /** @param outcomeOf returns the outcome of the event at an index */
  end: (outcomeOf: (index: number) => Outcome) => void
}

/** The facts that the requests of a route have in common. */
export interface TracedRoute {
  readonly path: string
  /** Whether they contain events; other requests are recorded only if their sender records them. */
  readonly isIntake: boolean
}

/** The head of a request. */
export interface RequestHead {
  readonly method: string
  readonly url: string
  readonly headers: RequestHeaders
}

/** Begins spans. Each is undefined for work without sampled events. */
export interface Tracing {
  /** False when nothing is ever recorded. */
  readonly isOn: boolean
  startRequest: (route: TracedRoute, head: RequestHead) => Span | undefined
  /** Begins the span of a write of events into the queue. */
  startSend: (events: readonly QueuedEvent[]) => Span | undefined
  startProcess: (events: readonly QueuedEvent[]) => ProcessSpans | undefined
  /** @param url without secrets */
  startDelivery: (events: readonly QueuedEvent[], url: string) => Span | undefined
  /** Sends the remaining spans, as far as possible within the deadline. */
  close: () => Promise<void>
}

const nothing = () => undefined

/** Records nothing. */
export const NO_TRACING: Tracing = Object.freeze({
  isOn: false,
  startRequest: nothing,
  startSend: nothing,
  startProcess: nothing,
  startDelivery: nothing,
  close: async () => {}
})
