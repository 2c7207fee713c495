/** The three classes that load is shed by, most protected first. */
export const PRIORITY_CLASSES = ['critical', 'normal', 'low'] as const

export type PriorityClass = (typeof PRIORITY_CLASSES)[number]

/** Critical is priority 1, normal 2 to 5, low 6 to 10. */
export function priorityClass (priority: number): PriorityClass {
  if (priority <= 1) return 'critical'
  return priority <= 5 ? 'normal' : 'low'
}
