import type { LoadResult } from '../../rig/load/job.ts'
import type { LoadRequest } from '../../rig/load/request.ts'
import type { Stage } from '../stage.ts'

/** Limit on requests in progress; further ones wait in the generator and count as late. */
const MOST_CONNECTIONS = 256
const PATIENCE_MS = 5_000

/** The requests to post, and their rate. */
export interface OpenLoop {
  readonly requests: readonly LoadRequest[]
  readonly ratePerSecond: number
  readonly mostConnections?: number
}

/** Posts at a fixed rate for the time of the stage. */
export function openLoop (
  stage: Stage,
  { requests, ratePerSecond, mostConnections = MOST_CONNECTIONS }: OpenLoop
): Promise<LoadResult> {
  return stage.load({
    kind: 'open',
    requests,
    ratePerSecond,
    mostConnections,
    patienceMs: PATIENCE_MS,
    eventsPerRequest: 1,
    warmUpMs: stage.warmUpSeconds * 1_000,
    measuredMs: stage.seconds * 1_000
  })
}
