import type { LoadResult } from '../../rig/load/job.ts'
import type { LoadRequest } from '../../rig/load/request.ts'
import type { Stage } from '../stage.ts'

/** Enough connections to keep a server busy, but few enough that latency is not queueing. */
const CONNECTIONS = 64

/** The requests to post, and the number of connections for them. */
export interface ClosedLoop {
  readonly requests: readonly LoadRequest[]
  readonly connections?: number
  readonly eventsPerRequest?: number
  /** Whether to measure until the last event is processed. */
  readonly drains?: boolean
  /** Whether to measure from the first request, for values that grow only once. */
  readonly isCold?: boolean
}

/** Posts as fast as a subject answers, for the time of the stage. */
export function closedLoop (
  stage: Stage,
  { requests, connections = CONNECTIONS, eventsPerRequest = 1, drains = false, isCold = false }: ClosedLoop
): Promise<LoadResult> {
  return stage.load({
    kind: 'closed',
    requests,
    connections,
    eventsPerRequest,
    drains,
    warmUpMs: isCold ? 0 : stage.warmUpSeconds * 1_000,
    measuredMs: stage.seconds * 1_000
  })
}
