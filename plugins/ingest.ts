import fp from 'fastify-plugin'
import { EventIntake } from '../services/event/intake.ts'
import { PriorityMap } from '../services/event/priority-map.ts'
import { BatchStore } from '../services/ingest/batch-store.ts'
import { QueueEventBus } from '../services/ingest/queue-event-bus.ts'
import type { StoredBatch } from '../services/ingest/stored-batch.ts'
import { underWay } from '../services/ledger/under-way.ts'
import { BatchMetrics } from '../services/metrics/batch-metrics.ts'
import type { Batch } from '../services/queue/batch.ts'
import { EventBatcher } from '../services/queue/batcher.ts'
import { isReply } from '../services/redis/outage.ts'

declare module 'fastify' {
  interface FastifyInstance {
    intake: EventIntake
    priorities: PriorityMap
    eventBus: QueueEventBus
  }
}

export default fp(async (fastify) => {
  const { config, queue, syncedQueue, spool, backpressure, doorLedger, frequentTypes, metricsRegistry } = fastify
  const metrics = new BatchMetrics(metricsRegistry)
  const store = new BatchStore({
    queue: metrics.measure((batch, onSent) => queue.add(batch, onSent), () => performance.now()),
    sync: metrics.measure((batch, onSent) => syncedQueue.add(batch, onSent), () => performance.now()),
    spool: spool && ((batch) => spool.write(batch)),
    spoolClasses: config.SPOOL_CLASSES,
    isQueueThere: () => backpressure.signals.isDepthKnown
  })
  const batcherOf = (write: (batch: Batch) => Promise<StoredBatch>, isQueued: boolean) => new EventBatcher<StoredBatch>({
    maxEvents: config.BATCH_MAX_EVENTS,
    maxBytes: config.BATCH_MAX_BYTES,
    write,
    isOutage: (error) => !isReply(error),
    onEnded: (count, keys, isWritten) => {
      if (isQueued && !isWritten) backpressure.inTransit.noteSent(count)
      eventBus.release(keys)
    }
  })
  const batchers = {
    queued: batcherOf((batch) => backpressure.inTransit.whileSending(batch.events.length, (onSent) => store.queued(batch, onSent)), true),
    synced: batcherOf((batch) => backpressure.inTransit.whileSending(batch.events.length, (onSent) => store.synced(batch, onSent)), true),
    spooled: batcherOf((batch) => store.spooled(batch), false)
  }
  const eventBus: QueueEventBus = new QueueEventBus({ gate: backpressure, door: doorLedger, types: frequentTypes, ...batchers, spooledId: (key) => spool?.placeOf(key) })
  doorLedger.watch(() => underWay(Object.values(batchers).map((batcher) => batcher.unwrittenByPriority), eventBus.following))
  const priorities = new PriorityMap(config.EVENT_PRIORITIES, config.DEFAULT_EVENT_PRIORITY)
  fastify.decorate('priorities', priorities)
  fastify.decorate('intake', new EventIntake(priorities, config.IDEMPOTENCY_TTL_MS > 0))
  fastify.decorate('eventBus', eventBus)
  fastify.addHook('onClose', async () => {
    await Promise.all(Object.values(batchers).map((batcher) => batcher.drain()))
  })
}, { name: 'ingest', dependencies: ['backpressure', 'ledger', 'history'] })
