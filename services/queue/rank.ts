/*
 * The order in which workers take batches. BullMQ calls it the priority of a job; here it is a rank, since retries of a
 * class wait behind all its first tries: an event that fails repeatedly does not delay events that were never tried.
 *
 *   rank      1            2              3 4 5 6       7             8 9 10 11 12   13          14
 *   holds     priority 1   retries of 1   2 to 5        retries of    6 to 10        retries of  replayed
 *                                                       2 to 5                       6 to 10     dead letters
 */
import {
  HIGHEST_PRIORITY,
  LOWEST_PRIORITY,
  PRIORITY_CLASSES,
  priorityClass,
  type PriorityClass
} from '../admission/priority-class.ts'

/** The origin of a batch: events that were never tried, events that failed, or replayed dead letters. */
export type Standing = 'first' | 'retry' | 'replay'

const PRIORITIES = Array.from({ length: LOWEST_PRIORITY }, (_, index) => HIGHEST_PRIORITY + index)
const LADDER: readonly (number | PriorityClass)[] = PRIORITY_CLASSES.flatMap((name) => [
  ...PRIORITIES.filter((priority) => priorityClass(priority) === name),
  name
])

/** The last rank, for replayed dead letters. Each number from 1 to this one is a rank. */
export const LAST_RANK = LADDER.length + 1

/** Returns the rank of a batch; workers take the lowest first. */
export function rankOf (priority: number, standing: Standing = 'first'): number {
  if (standing === 'replay') return LAST_RANK
  return LADDER.indexOf(standing === 'retry' ? priorityClass(priority) : priority) + 1
}

/** Returns the origin of batches of this rank. */
export function standingOf (rank: number): Standing {
  if (rank === LAST_RANK) return 'replay'
  return isRetryRank(rank) ? 'retry' : 'first'
}

/** Whether batches of this rank are retries. */
export function isRetryRank (rank: number): boolean {
  return typeof LADDER[rank - 1] === 'string'
}
