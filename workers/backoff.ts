/** No retry is put off for longer than this. */
export const MAX_BACKOFF_MS = 300_000

/**
 * Exponential backoff, ms, half of it random, so that events which failed together do not come back together.
 *
 * @param attempt that failed, 1 first
 * @param random uniform in [0, 1)
 */
export function backoffMs (attempt: number, baseMs: number, random: number): number {
  const ceiling = Math.min(MAX_BACKOFF_MS, baseMs * 2 ** (attempt - 1))
  return Math.round(ceiling / 2 + random * ceiling / 2)
}
