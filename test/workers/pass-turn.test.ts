import t from 'tap'
import { newBatch } from '../../services/queue/batch.ts'
import type { BatchHandler } from '../../workers/handler.ts'
import delivery from '../../workers/handlers/delivery.ts'
import { eventually } from '../../rig/eventually.ts'
import { idsOf } from '../services/delivery/client.ts'
import { startConsumer } from '../../rig/consumer.ts'
import { figuresOf, batchOf, eventsOf, startQueue } from '../services/queue/setup.ts'
import { startDependencies } from './handlers/setup.ts'
import { startWorker } from './setup.ts'

for (const kind of ['refused for good', 'never answered'] as const)
  t.test(`batches that are ${kind} and rank first do not keep those behind them from being delivered`, async (t) => {
    const consumer = await startConsumer(t)
    const delivered = new Set<string>()
    consumer.answer = (call, reply) => {
      const ids = idsOf(call)
      const isGood = ids.every((id) => id.startsWith('good'))
      if (isGood) { for (const id of ids) delivered.add(id) }
      if (isGood || kind === 'refused for good') reply.writeHead(isGood ? 204 : 400).end()
    }
    const { dependencies } = startDependencies(t, { DELIVERY_URL: consumer.url, DELIVERY_TIMEOUT_MS: 100 })
    const handler = await delivery.create(dependencies) as BatchHandler
    const started = await startQueue(t)
    for (let batch = 0; batch < 30; batch++)
      await started.queue.add(newBatch(3, eventsOf(1, 3).map((event) => ({ ...event, id: `bad${batch}` }))))
    for (const priority of [5, 8]) {
      const { events } = batchOf(4, priority)
      await started.queue
        .add(newBatch(priority, events.map((event, index) => ({ ...event, id: `good${priority}-${index}` }))))
    }
    await startWorker(t, [{ name: 'delivery', handler }], { started })
    await eventually('the others are delivered', () => delivered.size === 8)
    t.ok((await figuresOf(started)).kept < 30, 'they did not wait for the end of those before them')
  })
