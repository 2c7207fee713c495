import { traceIdOf, type TraceContext } from '../event/trace-context.ts'

/** Most trace ids in a line about a batch. */
const MOST_TRACES = 10

interface Traced { readonly trace?: TraceContext }

/** Returns the trace id as a field of a log line; no field without a trace. */
export function traceIdField (trace: TraceContext | undefined): { traceId?: string } {
  return trace === undefined ? {} : { traceId: traceIdOf(trace) }
}

/** The same for several events: `traceId` if all traced events share it, else `traceIds`. */
export function traceIdFields (events: readonly Traced[]): { traceId?: string, traceIds?: readonly string[] } {
  const ids = new Set<string>()
  for (const { trace } of events) {
    if (trace !== undefined && ids.size < MOST_TRACES) ids.add(traceIdOf(trace))
  }
  const [first] = ids
  if (first === undefined) return {}
  return ids.size === 1 ? { traceId: first } : { traceIds: [...ids] }
}
