import { PRIORITY_CLASSES, priorityClass, type PriorityClass } from './priority-class.ts'

/**
 * For how long an event of each class has waited to be taken, seconds; null where none waits or nothing is known.
 *
 * @param agesMs milliseconds by priority, null where none waits; undefined when nothing is known
 */
export function oldestWaitingSeconds (agesMs: readonly (number | null)[] = []): Record<PriorityClass, number | null> {
  const oldest = (name: PriorityClass) => agesMs.reduce((most, ageMs, priority) =>
    ageMs === null || priorityClass(priority) !== name ? most : Math.max(most ?? 0, ageMs / 1000), null)
  return Object.fromEntries(PRIORITY_CLASSES.map((name) => [name, oldest(name)])) as Record<PriorityClass, number | null>
}
