const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 10_000

/**
 * Returns the wait before the next attempt: doubled each time and randomized, so that many pages do not reconnect in
 * the same moment.
 *
 * @param {number} attempt 0 for the first after the loss of a connection
 * @param {number} random uniform in [0, 1)
 * @returns {number} milliseconds
 */
export function reconnectDelayMs (attempt, random) {
  const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 10))
  return Math.round(longest / 2 + random * longest / 2)
}
