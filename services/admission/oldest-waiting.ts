import { PRIORITY_CLASSES, priorityClass, type PriorityClass } from './priority-class.ts'

/**
 * Returns the age in seconds of the oldest waiting event of each class; null if none waits or the ages are unknown.
 *
 * @param agesMs milliseconds by priority, null if none waits; undefined if unknown
 */
export function oldestWaitingSeconds (agesMs: readonly (number | null)[] = []): Record<PriorityClass, number | null> {
  const oldest = (name: PriorityClass) =>
    agesMs.reduce(
      (most, ageMs, priority) =>
        ageMs === null || priorityClass(priority) !== name ? most : Math.max(most ?? 0, ageMs / 1000),
      null
    )
  return Object.fromEntries(PRIORITY_CLASSES.map((name) => [name, oldest(name)])) as Record<
    PriorityClass,
    number | null
  >
}
