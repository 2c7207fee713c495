import { setTimeout as wait } from 'node:timers/promises'

const POLL_INTERVAL_MS = 20

/**
 * Resolves with the first result of `probe` that is neither false nor undefined. Rejects at a deadline, which is far
 * beyond the needs of a loaded machine: no test draws conclusions from the duration.
 */
export async function eventually<T> (
  what: string,
  probe: () => T | Promise<T>,
  deadlineMs = 180_000
): Promise<Exclude<T, false | undefined>> {
  const end = performance.now() + deadlineMs
  let last: unknown
  while (performance.now() < end) {
    try {
      const answer = await probe()
      if (answer !== false && answer !== undefined) return answer as Exclude<T, false | undefined>
    } catch (error) {
      last = error
    }
    await wait(POLL_INTERVAL_MS)
  }
  throw new Error(`never happened: ${what}`, { cause: last })
}
