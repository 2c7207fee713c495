import { PRIORITY_CLASSES, priorityClass, type PriorityClass } from './priority-class.ts'

/** Adds up; NaN when nothing is known. */
export function sum (numbers: readonly number[] | undefined): number {
  return numbers?.reduce((total, number) => total + number, 0) ?? NaN
}

/** Adds up by class what is counted by priority. */
export function sumByClass (counts: readonly number[]): Record<PriorityClass, number> {
  const sums = Object.fromEntries(PRIORITY_CLASSES.map((name) => [name, 0])) as Record<PriorityClass, number>
  for (const [priority, count] of counts.entries()) sums[priorityClass(priority)] += count
  return sums
}
