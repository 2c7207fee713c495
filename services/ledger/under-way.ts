import { PRIORITY_CLASSES, priorityClass, type PriorityClass } from '../admission/priority-class.ts'

/**
 * Sums up by class the events that somebody between the door and the answer has in hand.
 *
 * @param byPriority what each batcher has, by priority (slot 0 unused)
 * @param following events that wait for another one like them
 */
export function underWay (byPriority: readonly (readonly number[])[], following: Readonly<Record<PriorityClass, number>>): Record<PriorityClass, number> {
  const sums = Object.fromEntries(PRIORITY_CLASSES.map((name) => [name, following[name]])) as Record<PriorityClass, number>
  for (const counts of byPriority) {
    for (const [priority, events] of counts.entries()) sums[priorityClass(priority)] += events
  }
  return sums
}
