import { setTimeout as wait } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Consumer } from '../../rig/consumer.ts'
import { eventually } from '../../rig/eventually.ts'
import type { SpawnedServer } from '../../rig/spawned-server.ts'

/** Environment of the processes that are killed and stopped. */
export const QUIET = { LOG_LEVEL: 'info', DELIVERY_TIMEOUT_MS: '2000', EVENT_ATTEMPTS: '100', RETRY_BACKOFF_MS: '100' }

const LOOPS = 16
/**
 * Between the answer to one post of a loop and its next: more load than this shows no more and takes the time of
 * everything else.
 */
const PAUSE_MS = 10

export interface Posting {
  /** Ids that were answered 202. */
  accepted: string[]
  /** Requests that broke off. */
  cut: unknown[]
  stop: () => Promise<void>
}

/** Posts events in parallel loops until the test stops them. */
export function startPosting (t: Test, url: () => string): Posting {
  const accepted: string[] = []
  const cut: unknown[] = []
  const over = new AbortController()
  let posted = 0
  const loop = async () => {
    while (!over.signal.aborted) {
      const id = `event-${posted++}`
      try {
        const answer = await fetch(`${url()}/api/v1/events`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ type: 'x', payload: { id }, id, priority: 1 + posted % 5 })
        })
        await answer.arrayBuffer()
        if (answer.status === 202) accepted.push(id)
      } catch (error) {
        // The process is down: nothing was promised.
        const { code } = (error as { cause?: { code?: string } }).cause ?? {}
        if (code !== 'ECONNREFUSED') cut.push(error)
      }
      await wait(PAUSE_MS)
    }
  }
  const loopsDone = Promise.all(Array.from({ length: LOOPS }, loop))
  const stop = async () => {
    over.abort()
    await loopsDone
  }
  t.teardown(stop)
  return { accepted, cut, stop }
}

/** Waits until all of these events were delivered and nothing is left. */
export async function settles (
  t: Test,
  server: SpawnedServer,
  consumer: Consumer,
  accepted: readonly string[]
): Promise<void> {
  const missing = new Set(accepted)
  await eventually('everything that was accepted is delivered', () => {
    for (const { body } of consumer.calls.splice(0))
      for (const { id } of JSON.parse(body) as { id: string }[]) missing.delete(id)
    return missing.size === 0
  })
  const body = await eventually('the depth is back at zero', async () => {
    const { queue } = await (await fetch(`${server.url}/api/v1/metrics/queue`)).json() as {
      queue: { totalPending: number, health: string, counts: { delayed: number } }
    }
    return queue.health === 'healthy' && queue.totalPending === 0 && queue.counts.delayed === 0 && queue
  })
  t.equal(body.totalPending, 0)
}
