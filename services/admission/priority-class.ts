/** The best and the worst priority that an event may have; 1 is served first. */
export const HIGHEST_PRIORITY = 1
export const LOWEST_PRIORITY = 10

/** Length of an array with a slot for each priority; slot 0 is unused. */
export const PRIORITY_SLOTS = LOWEST_PRIORITY + 1

/** The three classes that load is shed by, most protected first. */
export const PRIORITY_CLASSES = ['critical', 'normal', 'low'] as const

export type PriorityClass = (typeof PRIORITY_CLASSES)[number]

/** Critical is priority 1, normal 2 to 5, low 6 to 10. */
export function priorityClass (priority: number): PriorityClass {
  if (priority <= HIGHEST_PRIORITY) return 'critical'
  return priority <= 5 ? 'normal' : 'low'
}

/** The priority that stands for its class. */
export const TYPICAL_PRIORITY: Readonly<Record<PriorityClass, number>> = { critical: 1, normal: 5, low: 10 }
