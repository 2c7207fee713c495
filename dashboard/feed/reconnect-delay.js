const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 10_000

/**
 * How long to wait before the next attempt: doubled each time, and spread, so that all pages of a wall of screens do not come back in the same moment.
 *
 * @param {number} attempt 0 for the first one after a connection was lost
 * @param {number} random uniform in [0, 1)
 * @returns {number} milliseconds
 */
export function reconnectDelayMs (attempt, random) {
  const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 10))
  return Math.round(longest / 2 + random * longest / 2)
}
