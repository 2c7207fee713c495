import type { LoadResult } from '../../rig/load/job.ts'
import type { LoadRequest } from '../../rig/load/request.ts'
import type { Stage } from '../stage.ts'

/** Enough to keep a server busy, few enough that latency is work and not a queue. */
const CONNECTIONS = 64

/** The requests to post, and the number of connections for them. */
export interface ClosedLoop {
  readonly requests: readonly LoadRequest[]
  readonly connections?: number
  readonly eventsPerRequest?: number
  /** Measure until the last event was processed. */
  readonly drains?: boolean
  /** Measure from the first request, for what grows once only. */
  readonly isCold?: boolean
}

/** As fast as a subject answers, for the time of the stage. */
export function closedLoop (stage: Stage, { requests, connections = CONNECTIONS, eventsPerRequest = 1, drains = false, isCold = false }: ClosedLoop): Promise<LoadResult> {
  return stage.load({ kind: 'closed', requests, connections, eventsPerRequest, drains, warmUpMs: isCold ? 0 : stage.warmUpSeconds * 1_000, measuredMs: stage.seconds * 1_000 })
}
