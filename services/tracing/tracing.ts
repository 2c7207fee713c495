/*
 * The record of the way of sampled events, behind an interface that knows nothing of the recorder. The context of an
 * event travels with or without a recorder; with one, each span takes the place of the parent for what comes after it:
 *
 *   producer ─► request ─┬─► send (a batch)
 *                        └─► process (an event, each attempt) ─► deliver (a call) ─► consumer
 *
 * A batch has events of many traces: its spans are children of the trace that all its sampled events share, and else begin one of
 * their own, with links to those of the events.
 */
import type { QueuedEvent } from '../event/event.ts'
import type { Outcome } from '../event/outcome.ts'
import type { RequestHeaders } from '../event/request-headers.ts'
import type { TraceContext } from '../event/trace-context.ts'

/** A piece of work that is recorded; whoever began it ends it. */
export interface Span {
  /** The context that the work hands on: the same trace, with the span as parent. */
  readonly trace: TraceContext
  /** @param ending the status of an answer, or why there is none; `isFailure` where that is to be looked into */
  end: (ending?: { status?: number, error?: string | undefined, isFailure?: boolean }) => void
}

/** The work on a batch. While it goes on, the context of its sampled events is that of their spans; at the end it is again what it was. */
export interface ProcessSpans {
  /** @param outcomeOf what becomes of the event at an index */
  end: (outcomeOf: (index: number) => Outcome) => void
}

/** The facts that the requests of a route have in common. */
export interface TracedRoute {
  readonly path: string
  /** Whether they bring events: of the others only those are recorded whose sender records them. */
  readonly isIntake: boolean
}

/** The head of a request. */
export interface RequestHead {
  readonly method: string
  readonly url: string
  readonly headers: RequestHeaders
}

/** Begins spans. Each is undefined for work that no sampled event is part of. */
export interface Tracing {
  /** False when nothing is ever recorded. */
  readonly isOn: boolean
  startRequest: (route: TracedRoute, head: RequestHead) => Span | undefined
  /** A write of events into the queue. */
  startSend: (events: readonly QueuedEvent[]) => Span | undefined
  startProcess: (events: readonly QueuedEvent[]) => ProcessSpans | undefined
  /** @param url without secrets */
  startDelivery: (events: readonly QueuedEvent[], url: string) => Span | undefined
  /** Hands out what is left, as far as that is possible in a moment. */
  close: () => Promise<void>
}

const nothing = () => undefined

/** Records nothing. */
export const NO_TRACING: Tracing = Object.freeze({
  isOn: false, startRequest: nothing, startSend: nothing, startProcess: nothing, startDelivery: nothing, close: async () => {}
})
