import { traceIdOf, type TraceContext } from '../event/trace-context.ts'

/** Most traces that are named for a batch; the first ones. */
const MOST_TRACES = 10

interface Traced { readonly trace?: TraceContext }

/** The field of a log line that says which trace it is about; no field where there is none. */
export function traceIdField (trace: TraceContext | undefined): { traceId?: string } {
  return trace === undefined ? {} : { traceId: traceIdOf(trace) }
}

/** The same for a line about several events: `traceId` when all that have a trace share it, else `traceIds`. */
export function traceIdFields (events: readonly Traced[]): { traceId?: string, traceIds?: readonly string[] } {
  const ids = new Set<string>()
  for (const { trace } of events) {
    if (trace !== undefined && ids.size < MOST_TRACES) ids.add(traceIdOf(trace))
  }
  const [first] = ids
  if (first === undefined) return {}
  return ids.size === 1 ? { traceId: first } : { traceIds: [...ids] }
}
