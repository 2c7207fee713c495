import t from 'tap'
import type { QueuedEvent } from '../../../services/event/event.ts'
import { QueueEventBus } from '../../../services/ingest/queue-event-bus.ts'
import type { Batch } from '../../../services/queue/batch.ts'
import { EventBatcher } from '../../../services/queue/batcher.ts'
import { readingOf, startGate } from '../admission/setup.ts'

const event = (priority = 5): QueuedEvent => ({ id: 'e', type: 'x', payload: null, priority, receivedAt: '' })

async function startBus (depth: number, write: (batch: Batch) => Promise<void> = async () => {}) {
  const written: Batch[] = []
  const { gate } = await startGate()
  gate.observe(readingOf({ 5: depth }))
  const batcher = new EventBatcher({ maxEvents: 10, maxBytes: 1_000, write: async (batch) => { written.push(batch); await write(batch) } })
  return { bus: new QueueEventBus(gate, batcher), gate, written }
}

t.test('stores what the gate admits, and answers when it is confirmed', async (t) => {
  const confirmed = Promise.withResolvers<void>()
  const { bus, written } = await startBus(0, () => confirmed.promise)
  let isAnswered = false
  const publication = bus.publish(event(), 10).finally(() => { isAnswered = true })
  await Promise.resolve()
  t.strictSame(written.map(({ priority, events }) => [priority, events.length]), [[5, 1]])
  t.equal(isAnswered, false)
  confirmed.resolve()
  t.strictSame(await publication, { accepted: true })
})

t.test('answers the refusal of the gate and stores nothing', async (t) => {
  const { bus, written } = await startBus(500)
  t.match(await bus.publish(event()), { accepted: false, refusal: { admitted: false, reason: 'circuit-open', retryAfterSeconds: Number } })
  t.match(bus.offer(event(9), 10), { admitted: false, reason: 'circuit-open' })
  t.strictSame(written, [])
  t.strictSame(await bus.publish(event(1)), { accepted: true }, 'critical goes in')
})

t.test('never rejects, and says why an event could not be stored', async (t) => {
  const table: [error: unknown, reason: string][] = [
    [new Error('Connection is closed.'), 'queue-unavailable'],
    [new Error('Command timed out'), 'queue-unavailable'],
    [new Error("OOM command not allowed when used memory > 'maxmemory'."), 'queue-full'],
    ['not even an error', 'queue-unavailable']
  ]
  for (const [error, reason] of table) {
    const { bus, gate } = await startBus(0, async () => { throw error })
    t.match(await bus.publish(event(1)), { accepted: false, refusal: { admitted: false, reason, retryAfterSeconds: Number } }, String(error))
    t.equal(gate.rejectedCount, 1)
  }
})

t.test('events that are offered together share a promise', async (t) => {
  const { bus, written } = await startBus(0)
  const offers = [bus.offer(event(), 10), bus.offer(event(), 10), bus.offer(event(2), 10)]
  t.equal(offers[0], offers[1])
  t.not(offers[0], offers[2], 'another priority is another batch')
  await Promise.all(offers)
  t.strictSame(written.map(({ priority, events }) => [priority, events.length]), [[5, 2], [2, 1]])
})
