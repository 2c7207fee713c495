/*
 * Compares the `estimatedStartAt` of receipts with the time at which workers began the events. Starts a service with API
 * and worker and a consumer on loopback, offers events of three priorities faster than the consumer takes them, and asks
 * for the receipts of some; takes about two minutes.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { startConsumer } from '../rig/consumer.ts'
import { withOwner } from '../rig/owner.ts'
import { print, ROOMY, withService } from './service.ts'

const SLOTS = 4
const EVENTS_PER_BATCH = 20
const SERVICE_MS = 400
const LOAD_SECONDS = 45
const STEP_MS = 250
/** Events of each priority in a step; together 1.2 times what the consumer takes. */
const OFFERED = { 1: 4, 5: 32, 8: 24 }
/** Shorter waits are a matter of single batches. */
const LEAST_WAIT_MS = 1_000

interface Probe { readonly id: string, readonly askedAt: number, readonly estimatedMs: number }

await withOwner(async (owner) => {
  const consumer = await startConsumer(owner, { keepsCalls: false })
  consumer.answer = (_call, reply) => { setTimeout(() => reply.end(), SERVICE_MS) }
  const keys = {
    ...ROOMY, ROLE: 'all', DELIVERY_URL: consumer.url, RULE_ENGINE_WORKER_CONCURRENCY: String(SLOTS),
    BATCH_MAX_EVENTS: String(EVENTS_PER_BATCH)
  }
  await withService(keys, async (url) => {
    const probes: Probe[] = []
    for (let step = 0; step < LOAD_SECONDS * 1_000 / STEP_MS; step++) {
      const ids = await offer(url, step)
      await wait(STEP_MS)
      for (const id of ids) {
        const { estimatedStartAt } = await receiptOf(url, id)
        const askedAt = Date.now()
        if (estimatedStartAt !== undefined) probes.push({ id, askedAt, estimatedMs: Date.parse(estimatedStartAt) - askedAt })
      }
    }
    const ratios: Record<string, number[]> = { 1: [], 5: [], 8: [] }
    for (const { id, askedAt, estimatedMs } of probes) {
      let receipt = await receiptOf(url, id)
      while (receipt.startedAt === undefined) {
        await wait(STEP_MS)
        receipt = await receiptOf(url, id)
      }
      const trueMs = Date.parse(receipt.startedAt) - askedAt
      if (trueMs >= LEAST_WAIT_MS) ratios[id.split('-')[1] as string]?.push(estimatedMs / trueMs)
    }
    for (const [priority, unsorted] of Object.entries(ratios)) {
      const sorted = unsorted.toSorted((one, other) => one - other)
      const quantile = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]?.toFixed(2) ?? 'none'
      print(`priority ${priority}: events that waited for 1 s or more`, String(sorted.length))
      print(`priority ${priority}: estimated / true wait, p10, p50, p90`, [0.1, 0.5, 0.9].map(quantile).join(', '))
    }
  })
})

/** Posts the events of a step and returns the id of the last of each priority. */
async function offer (url: string, step: number): Promise<string[]> {
  const events = Object.entries(OFFERED).flatMap(([priority, count]) => Array.from({ length: count }, (_, index) => ({
    id: `${step}-${priority}-${index}`, type: 'x', payload: null, priority: Number(priority)
  })))
  await fetch(`${url}/api/v1/events/batch`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(events)
  })
  return Object.entries(OFFERED).map(([priority, count]) => `${step}-${priority}-${count - 1}`)
}

async function receiptOf (url: string, id: string): Promise<{ estimatedStartAt?: string, startedAt?: string }> {
  return await (await fetch(`${url}/api/v1/events/${id}`)).json() as { estimatedStartAt?: string, startedAt?: string }
}
