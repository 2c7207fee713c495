/*
 * BullMQ orders jobs by scores, and the scripts in lua/ compute with them: waiting jobs by rank and then a count,
 * delayed jobs by time and then a count.
 */

/** Scores between one rank of `prioritized` and the next. */
export const SCORES_PER_RANK = 2 ** 32

/** Scores between one millisecond of `delayed` and the next. */
export const SCORES_PER_MS = 4096
