export const MIN_RETRY_AFTER_SECONDS = 1
const MAX_RETRY_AFTER_SECONDS = 120

const LONGEST_BASE_SECONDS = MAX_RETRY_AFTER_SECONDS * 0.75

/**
 * Returns the wait to suggest to a producer whose event would be admitted after an estimated time. The wait is spread
 * over up to twice that time, so refused producers do not return together, and bounded to 1 to 120 s. Longer waits are
 * spread over 90 to 120 s; otherwise a stalled queue would call all producers back in the same second.
 *
 * @param estimate seconds, Infinity if no end is in sight
 * @param random uniform in [0, 1)
 */
export function retryAfterSeconds (estimate: number, random: number): number {
  const earliest = Math.min(LONGEST_BASE_SECONDS, Math.max(MIN_RETRY_AFTER_SECONDS, estimate))
  const latest = Math.min(MAX_RETRY_AFTER_SECONDS, 2 * earliest)
  return Math.round(earliest + random * (latest - earliest))
}

/** A producer comes back at least this often, so that it learns in time that an absence has ended. */
const MOST_ABSENCE_RETRY_MS = 15_000

/**
 * Returns the shortest wait to suggest while the queue has been away for some time. An absence of which nothing else is
 * known is as likely as not to last for as long as it has lasted so far (Gott, 1993). With the spread, the waits are
 * between half of that time and all of it, so they grow as the absence goes on.
 */
export function absenceRetryMs (absentMs: number): number {
  return Math.min(MOST_ABSENCE_RETRY_MS, absentMs / 2)
}

/** Longest spread of the wait for a fixed time. */
const MOST_SPREAD_SECONDS = 30

/**
 * Returns the seconds to wait for a fixed time: never less, spread over up to twice the time and at most 30 s more.
 *
 * @param random uniform in [0, 1)
 */
export function retryAfterTime (afterMs: number, random: number): number {
  const earliest = Math.max(MIN_RETRY_AFTER_SECONDS, Math.ceil(afterMs / 1_000))
  return Math.round(earliest + random * Math.min(earliest, MOST_SPREAD_SECONDS))
}
