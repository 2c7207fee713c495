import { PRIORITY_CLASSES, type PriorityClass } from '../services/admission/priority-class.ts'

/** Values of critical, normal and low, in this order; the index of a class is its place in PRIORITY_CLASSES. */
export type ByClass = readonly [critical: number, normal: number, low: number]

/** The priority that stands for each class. */
export const PRIORITIES: ByClass = [1, 5, 10]

export const CRITICAL = 0
export const NORMAL = 1
export const CLASS_COUNT = PRIORITY_CLASSES.length

/** The values under the names of the classes. */
export function named<T> (value: (classIndex: number) => T): Record<PriorityClass, T> {
  return Object.fromEntries(PRIORITY_CLASSES.map((name, index) => [name, value(index)])) as Record<PriorityClass, T>
}
