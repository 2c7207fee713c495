import { workerCapacity } from '../scaling/worker-capacity.ts'
import { LOWEST_PRIORITY } from '../admission/priority-class.ts'
import type { QueueReading } from '../queue/reading.ts'

/** Share of the workers' capacity that replayed batches may take while no live events arrive. */
const QUIET_SHARE = 0.25
/** The same while live events arrive; batches then have a quarter of the size, which spreads their cost. */
const LIVE_SHARE = 0.05
const LIVE_BATCH_SHARE = 0.25
/** Utilization from which this process is too busy for replays. */
const BUSY_UTILIZATION = 0.5
/** Share of busy workers above which no replayed batch is added; the rest is for live events. */
const BUSY_SHARE = 0.75

/** Refusals because the queue is long, and not because it is unavailable. */
const LENGTH_REFUSALS: ReadonlySet<string | undefined> = new Set([
  undefined, 'low-priority-shed', 'smooth-shed', 'pre-shed', 'delay-budget', 'circuit-open'
])

export interface Load {
  reading: QueueReading
  /** Events in the queue as far as this process knows. */
  depth: number
  warningThreshold: number
  /** The reason for which an event of the lowest priority would be refused now; undefined if it would be admitted. */
  refusal: string | undefined
  batchMaxEvents: number
  /** Whether live events arrive. */
  isLive: boolean
  /** Recent utilization of the event loop of this process. */
  utilization: number
}

/** The room for a replay now, or the reason why there is none. */
export type SpareCapacity = { readonly batches: number, readonly events: number, readonly reason: undefined } | {
  readonly batches: 0,
  readonly events: 0,
  readonly reason: string
}

/**
 * Returns the spare capacity for replays. Live events are served first, but a replayed batch in work is not
 * interrupted. So batches are added only for free workers, at most a quarter of them, and beside live events one small
 * batch at a time. Workers that lack room for dead letters depend on a replay: it may add one batch at a time, whatever
 * the backlog.
 */
export function spareCapacity (
  { reading, depth, warningThreshold, refusal, batchMaxEvents, isLive, utilization }: Load
): SpareCapacity {
  const capacity = workerCapacity(reading.workers)
  if (reading.workers.length === 0) return none('no-workers')
  if (reading.isPaused || reading.pausedForMs > 0) return none('workers-paused')
  const waitForRoom = reading.workers.every(({ holds }) => holds.includes('dead-letters-full'))
  if (waitForRoom && LENGTH_REFUSALS.has(refusal)) return { batches: 1, events: batchMaxEvents, reason: undefined }
  if (capacity === 0) return none('workers-held')
  if (depth >= warningThreshold) return none('warning-threshold')
  if (refusal !== undefined) return none(refusal)
  if (utilization >= BUSY_UTILIZATION) return none('process-busy')
  const window = Math.max(1, Math.floor(capacity * (isLive ? LIVE_SHARE : QUIET_SHARE)))
  const batchEvents = isLive ? Math.max(1, Math.floor(batchMaxEvents * LIVE_BATCH_SHARE)) : batchMaxEvents
  const free = Math.max(1, Math.ceil(capacity * BUSY_SHARE)) - reading.jobs.active - reading.jobs.waiting
  const events = Math.min(
    window * batchEvents - (reading.depthByPriority[LOWEST_PRIORITY] ?? 0),
    warningThreshold - 1 - depth
  )
  if (free <= 0 || events <= 0) return none('no-spare-capacity')
  return { batches: Math.min(window, free), events, reason: undefined }
}

function none (reason: string): SpareCapacity {
  return { batches: 0, events: 0, reason }
}
