import { sum, sumByClass } from '../services/admission/sum.ts'
import { byClass } from '../services/control/wait.ts'
import type { DemandSample } from '../services/scaling/demand-sample.ts'
import type { Reading } from './subject.ts'

/** The figures of work in a reading, in the form in which production estimates the speed of workers from them. */
export function workOf (reading: Reading): DemandSample {
  const depth = sumByClass(reading.depthByPriority)
  const inWork = sumByClass(reading.activeByPriority)
  const arrived = sumByClass(reading.arrivedByPriority)
  const { admission } = reading.ledger
  const waitingByClass = byClass((name) => Math.max(0, depth[name] - inWork[name]))
  return {
    at: reading.redisTimeMs,
    arrived: sum(reading.arrivedByPriority),
    offeredByClass: byClass((name) => arrived[name] + admission[name].shed + admission[name].sampled),
    worked: reading.worked,
    completed: reading.done,
    waiting: Math.max(0, sum(reading.depthByPriority) - sum(reading.activeByPriority)),
    waitingByClass,
    inWork: sum(reading.activeByPriority),
    workers: reading.workers,
    heldWorkers: 0,
    slots: reading.slots,
    takenSlots: reading.takenSlots,
    isPaused: false,
    isHeldUp: reading.isHeldUp
  }
}
