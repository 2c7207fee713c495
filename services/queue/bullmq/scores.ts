/*
 * BullMQ orders jobs by scores, and the scripts in lua/ compute with them: what waits by rank and a count below it, what
 * is delayed by its time and a count below that.
 */

/** Scores between one rank of `prioritized` and the next. */
export const SCORES_PER_RANK = 2 ** 32

/** Scores between one millisecond of `delayed` and the next. */
export const SCORES_PER_MS = 4096
