import { priorityClass, type PriorityClass } from './priority-class.ts'

/** Adds up numbers; NaN if they are unknown. */
export function sum (numbers: readonly number[] | undefined): number {
  return numbers?.reduce((total, number) => total + number, 0) ?? NaN
}

/** Adds up counts by priority into counts by class. */
export function sumByClass (counts: readonly number[]): Record<PriorityClass, number> {
  const sums = { critical: 0, normal: 0, low: 0 }
  for (let priority = 0; priority < counts.length; priority++) sums[priorityClass(priority)] += counts[priority] as number
  return sums
}
