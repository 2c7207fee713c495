import type { WorkSample } from '../backpressure/worker-demand.ts'
import type { QueueReading } from './reading.ts'

/** What a reading tells of work, for the count of workers that are needed. */
export function workSampleOf (reading: QueueReading): WorkSample {
  const booked = (field: string) => Object.entries(reading.ledger).reduce((total, [name, events]) => name.startsWith(`${field}:`) ? total + events : total, 0)
  return {
    at: reading.redisTimeMs,
    arrived: booked('enqueued') + booked('requeued'),
    worked: booked('settled'),
    waiting: Math.max(0, sum(reading.depthByPriority) - sum(reading.activeByPriority)),
    workers: reading.workers.length,
    slots: reading.workers.reduce((total, { concurrency }) => total + concurrency, 0),
    takenSlots: reading.jobs.active,
    isPaused: reading.isPaused,
    isHeldUp: reading.pausedForMs > 0
  }
}

function sum (events: readonly number[]): number {
  return events.reduce((total, count) => total + count, 0)
}
