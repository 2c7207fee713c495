import { PRIORITY_SLOTS } from '../../services/admission/priority-class.ts'
import { CLASS_COUNT, PRIORITIES } from '../classes.ts'
import type { Reading } from '../subject.ts'
import type { EventPool } from './event-pool.ts'
import type { OfferCounts } from './offer-counts.ts'
import type { Workers } from './workers.ts'

const NO_MEMORY = Object.freeze({ usedBytes: 0, maxBytes: 0, machineBytes: 0 })
const NO_CONTROL = Object.freeze({})
const NOTHING: readonly number[] = Object.freeze(Array.from({ length: PRIORITY_SLOTS }, () => 0))
const NONE_WAITS: readonly null[] = Object.freeze(Array.from({ length: PRIORITY_SLOTS }, () => null))

/** Takes a reading of the queue, as the sampler of production does. */
export function readingOf (workers: Workers, pool: EventPool, counts: OfferCounts, now: number): Reading {
  const depthByPriority = [...NOTHING]
  const activeByPriority = [...NOTHING]
  const delayedByPriority = [...NOTHING]
  const enqueuedByPriority = [...NOTHING]
  const arrivedByPriority = [...NOTHING]
  const oldestWaitingMsByPriority: (number | null)[] = [...NONE_WAITS]
  for (let index = 0; index < CLASS_COUNT; index++) {
    const priority = PRIORITIES[index] as number
    const ring = workers.waiting[index]!
    const active = workers.active[index] as number
    depthByPriority[priority] = ring.size + active
    activeByPriority[priority] = active
    delayedByPriority[priority] = workers.delayed[index] as number
    enqueuedByPriority[priority] = counts.admitted[index] as number
    arrivedByPriority[priority] = workers.arrived[index] as number
    if (ring.size > 0) oldestWaitingMsByPriority[priority] = now - (pool.admittedAt[ring.first] as number)
  }
  return {
    redisTimeMs: now,
    depthByPriority,
    activeByPriority,
    delayedByPriority,
    enqueuedByPriority,
    oldestWaitingMsByPriority,
    done: workers.done,
    dead: workers.dead,
    expired: workers.expired,
    arrivedByPriority,
    worked: workers.worked,
    workers: workers.count,
    slots: workers.slots,
    takenSlots: workers.takenSlots,
    isHeldUp: workers.isHeldUp,
    serviceMs: workers.serviceTimes.report(),
    ledger: counts.ledger,
    memory: NO_MEMORY,
    control: NO_CONTROL
  }
}
