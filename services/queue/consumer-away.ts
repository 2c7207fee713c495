import type { WorkerEntry } from '../fleet/member.ts'
import type { QueueReading } from './reading.ts'

/** Whether there are workers, and none of them can reach the consumer. */
function isConsumerUnreached (workers: readonly WorkerEntry[]): boolean {
  return workers.length > 0 && workers.every(({ holds }) => holds.includes('consumer-unreachable'))
}

/** Whether the consumer accepts no events at all: all deliveries wait for it, or no worker can reach it. */
export function isConsumerAway ({ pausedForMs, workers }: Pick<QueueReading, 'pausedForMs' | 'workers'>): boolean {
  return pausedForMs > 0 || isConsumerUnreached(workers)
}
