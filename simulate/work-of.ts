import { sum } from '../services/admission/sum.ts'
import type { Reading } from './subject.ts'

/** The figures of work in a reading, in the form in which production estimates the speed of workers from them. */
export function workOf (reading: Reading) {
  const inWork = sum(reading.activeByPriority)
  return {
    at: reading.redisTimeMs,
    arrived: reading.arrived,
    worked: reading.worked,
    completed: reading.done,
    waiting: Math.max(0, sum(reading.depthByPriority) - inWork),
    inWork,
    workers: reading.workers,
    slots: reading.slots,
    takenSlots: reading.takenSlots,
    isPaused: false,
    isHeldUp: reading.isHeldUp
  }
}
