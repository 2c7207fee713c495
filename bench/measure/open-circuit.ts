import { setTimeout as wait } from 'node:timers/promises'
import type { Stage } from '../stage.ts'
import { eventText } from '../traffic/event.ts'
import { arrayPosts, EVENT_PATH } from '../traffic/post.ts'

const BACKLOG_EVENTS = 10
const POLL_MS = 20
const PATIENCE_MS = 10_000

/** Thresholds at which a handful of events opens the circuit; without a worker it stays open. */
export const TINY = { QUEUE_RECOVERY_THRESHOLD: '1', QUEUE_WARNING_THRESHOLD: '2', QUEUE_CRITICAL_THRESHOLD: '5' }

/** Fills the queue of a Spillway with TINY thresholds until it sheds. */
export async function openCircuit ({ ports }: Stage): Promise<void> {
  const url = `http://127.0.0.1:${ports.server}`
  const [fill] = arrayPosts(BACKLOG_EVENTS)
  await fetch(`${url}${fill?.path}`, { method: 'POST', headers: fill?.headers ?? {}, body: fill?.body ?? '' })
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const { status } = await fetch(`${url}${EVENT_PATH}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: eventText(0)
    })
    if (status === 503 || status === 429) return
    if (performance.now() > deadline) throw new Error(`the circuit did not open in ${PATIENCE_MS} ms`)
    await wait(POLL_MS)
  }
}
