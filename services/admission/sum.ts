import { PRIORITY_CLASSES, priorityClass, type PriorityClass } from './priority-class.ts'

/** Adds up numbers; NaN if they are unknown. */
export function sum (numbers: readonly number[] | undefined): number {
  return numbers?.reduce((total, number) => total + number, 0) ?? NaN
}

/** Adds up counts by priority into counts by class. */
export function sumByClass (counts: readonly number[]): Record<PriorityClass, number> {
  const sums = Object.fromEntries(PRIORITY_CLASSES.map((name) => [name, 0])) as Record<PriorityClass, number>
  for (const [priority, count] of counts.entries()) sums[priorityClass(priority)] += count
  return sums
}
