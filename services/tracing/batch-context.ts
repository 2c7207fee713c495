import { isSampled, traceIdOf, type TraceContext } from '../event/trace-context.ts'

/** The place of the span of a batch: its parent, if any, and its links. */
export interface BatchContext {
  readonly parent: TraceContext | undefined
  readonly links: readonly TraceContext[]
}

/** Most links of a span. */
export const MOST_LINKS = 128

/** Returns the context of a batch; undefined if none of its events is sampled. */
export function batchContext (events: readonly { readonly trace?: TraceContext }[]): BatchContext | undefined {
  const byParent = new Map<string, TraceContext>()
  for (const { trace } of events) {
    if (trace !== undefined && isSampled(trace)) byParent.set(trace.traceparent, trace)
  }
  const contexts = [...byParent.values()]
  const [first] = contexts
  if (first === undefined) return undefined
  const id = traceIdOf(first)
  const isOneTrace = contexts.every((trace) => traceIdOf(trace) === id)
  return isOneTrace
    ? { parent: first, links: contexts.slice(1, MOST_LINKS + 1) }
    : { parent: undefined, links: contexts.slice(0, MOST_LINKS) }
}
