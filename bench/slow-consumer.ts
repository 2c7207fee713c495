/*
 * Slows a consumer down by a factor of 20 and lets it recover, and compares the workers that the service says it needs
 * with the true number, which follows from the time of the consumer. Starts a service with API and worker and a
 * consumer on loopback; takes about two minutes.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { startConsumer } from '../rig/consumer.ts'
import { withOwner } from '../rig/owner.ts'
import type { QueueAnswer } from '../services/status/queue-answer.ts'
import { print, ROOMY, withService } from './service.ts'

const SLOTS = 4
const EVENTS_PER_BATCH = 20
/** Each post is a full batch, since the capacity of workers depends on the size of batches. */
const POST_INTERVAL_MS = 60
const FAST_MS = 200
const SLOW_MS = 4_000
const DRAIN_TARGET_S = 60

let serviceMs = FAST_MS

await withOwner(async (owner) => {
  const consumer = await startConsumer(owner, { keepsCalls: false })
  consumer.answer = (_call, reply) => { setTimeout(() => reply.end(), serviceMs) }
  const keys = {
    ...ROOMY,
    ROLE: 'all',
    DELIVERY_URL: consumer.url,
    RULE_ENGINE_WORKER_CONCURRENCY: String(SLOTS),
    BATCH_MAX_EVENTS: String(EVENTS_PER_BATCH), DRAIN_TARGET_MS: String(DRAIN_TARGET_S * 1_000)
  }
  await withService(keys, async (url) => {
    const timer = setInterval(() => { void post(url) }, POST_INTERVAL_MS)
    for (const [phase, ms, seconds] of [
      ['fast', FAST_MS, 30], ['slow', SLOW_MS, 30], ['slow', SLOW_MS, 20], ['fast again', FAST_MS, 30]
    ] as const) {
      serviceMs = ms
      await wait(seconds * 1_000)
      await compare(url, `${phase}, ${seconds} s later`)
    }
    clearInterval(timer)
  })
})

async function post (url: string): Promise<void> {
  const events = Array.from({ length: EVENTS_PER_BATCH }, () => ({ type: 'x', payload: null }))
  await fetch(`${url}/api/v1/events/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(events)
  })
}

async function compare (url: string, when: string): Promise<void> {
  const { queue, workers } = await (await fetch(`${url}/api/v1/metrics/queue`)).json() as QueueAnswer
  const truth = ((queue.arrivalRate ?? NaN) + (queue.counts.waiting ?? NaN) / DRAIN_TARGET_S) /
    ((SLOTS * EVENTS_PER_BATCH * 1_000) / serviceMs)
  print(`${when}: workers needed / in truth`, `${workers.needed} / ${truth.toFixed(1)}`)
}
