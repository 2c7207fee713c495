import { setTimeout as wait } from 'node:timers/promises'
import { readStatus } from '../watch/status.ts'

const DEADLINE_MS = 20_000
const POLL_INTERVAL_MS = 50

/** Resolves once no API has an event in its spool, or after a deadline. */
export async function untilDrained (urls: readonly string[]): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  while (performance.now() < deadline) {
    const read = await Promise.all(urls.map(readStatus))
    if (read.every((status) => (status?.spooled ?? -1) === 0)) return
    await wait(POLL_INTERVAL_MS)
  }
}
