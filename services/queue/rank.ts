/*
 * The order in which batches are taken. BullMQ calls it the priority of a job; here it is a rank, since retries of a
 * class wait behind all first tries of it: an event that fails again and again keeps no event waiting that has not been
 * tried.
 *
 *   rank      1            2              3 4 5 6       7             8 9 10 11 12   13          14
 *   holds     priority 1   retries of 1   2 to 5        retries of    6 to 10        retries of  replayed
 *                                                       2 to 5                       6 to 10     dead letters
 */
import { HIGHEST_PRIORITY, LOWEST_PRIORITY, PRIORITY_CLASSES, priorityClass, type PriorityClass } from '../admission/priority-class.ts'

/**
 * How a batch comes into the queue: as events that were never tried, as events that failed, or as dead letters that are
 * replayed.
 */
export type Standing = 'first' | 'retry' | 'replay'

const PRIORITIES = Array.from({ length: LOWEST_PRIORITY }, (_, index) => HIGHEST_PRIORITY + index)
const LADDER: readonly (number | PriorityClass)[] = PRIORITY_CLASSES.flatMap((name) => [
  ...PRIORITIES.filter((priority) => priorityClass(priority) === name),
  name
])

/** The last rank, of replayed dead letters. There is a rank for each number from 1 to this one. */
export const LAST_RANK = LADDER.length + 1

/** The rank of a batch; the lowest is taken first. */
export function rankOf (priority: number, standing: Standing = 'first'): number {
  if (standing === 'replay') return LAST_RANK
  return LADDER.indexOf(standing === 'retry' ? priorityClass(priority) : priority) + 1
}

/** How batches of this rank came into the queue. */
export function standingOf (rank: number): Standing {
  if (rank === LAST_RANK) return 'replay'
  return isRetryRank(rank) ? 'retry' : 'first'
}

/** Whether batches of this rank are retries. */
export function isRetryRank (rank: number): boolean {
  return typeof LADDER[rank - 1] === 'string'
}
