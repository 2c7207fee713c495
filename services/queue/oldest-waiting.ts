import { PRIORITY_CLASSES, priorityClass, type PriorityClass } from '../backpressure/priority-class.ts'
import type { QueueReading } from './reading.ts'

/** For how long an event of each class has waited to be taken, seconds; null where none waits or nothing is known. */
export function oldestWaitingSeconds (reading: Pick<QueueReading, 'oldestWaitingMsByPriority'> | undefined): Record<PriorityClass, number | null> {
  const oldest = (name: PriorityClass) => (reading?.oldestWaitingMsByPriority ?? []).reduce((most, ageMs, priority) =>
    ageMs === null || priorityClass(priority) !== name ? most : Math.max(most ?? 0, ageMs / 1000), null)
  return Object.fromEntries(PRIORITY_CLASSES.map((name) => [name, oldest(name)])) as Record<PriorityClass, number | null>
}
