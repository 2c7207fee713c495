import { sum, sumByClass } from '../admission/sum.ts'
import { byClass } from '../control/wait.ts'
import type { DemandSample } from '../scaling/demand-sample.ts'
import { workerCapacity } from '../scaling/worker-capacity.ts'
import type { WorkSample } from '../control/capacity.ts'
import { isConsumerAway } from './consumer-away.ts'
import type { QueueReading } from './reading.ts'

/** Returns the part of a reading that the capacity of the workers follows from. */
export function workSampleOf (reading: QueueReading): WorkSample {
  const { workers, ledger: { queue } } = reading
  const working = workers.filter(({ holds }) => holds.length === 0)
  return {
    at: reading.redisTimeMs,
    arrived: sum(queue.enqueued) + sum(queue.requeued),
    // An expired event takes no time.
    worked: sum(queue.settled) - sum(queue.expired),
    completed: reading.done,
    waiting: Math.max(0, sum(reading.depthByPriority) - sum(reading.activeByPriority)),
    inWork: sum(reading.activeByPriority),
    workers: working.length,
    slots: workerCapacity(workers),
    takenSlots: reading.jobs.active,
    isPaused: reading.isPaused || (working.length === 0 && workers.length > 0),
    isHeldUp: isConsumerAway(reading)
  }
}

/** Returns the part of a reading that determines the number of needed workers. */
export function demandSampleOf (reading: QueueReading): DemandSample {
  const { workers, ledger: { queue, admission } } = reading
  const [enqueued, requeued] = [sumByClass(queue.enqueued), sumByClass(queue.requeued)]
  const [depth, active] = [sumByClass(reading.depthByPriority), sumByClass(reading.activeByPriority)]
  const sample = workSampleOf(reading)
  return {
    ...sample,
    offeredByClass: byClass((name) => enqueued[name] + requeued[name] + admission[name].shed + admission[name].sampled),
    waitingByClass: byClass((name) => Math.max(0, depth[name] - active[name])),
    heldWorkers: workers.length - sample.workers
  }
}
