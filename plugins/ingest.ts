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
import type { Tracing } from '../services/tracing/tracing.ts'

declare module 'fastify' {
  interface FastifyInstance {
    intake: EventIntake
    priorities: PriorityMap
    eventBus: QueueEventBus
  }
}

export default fp(async (fastify) => {
  const { config, queue, syncedQueue, spool, backpressure, doorLedger, frequentTypes, metricsRegistry, tracing, sampledEvents } = fastify
  const metrics = new BatchMetrics(metricsRegistry)
  const store = new BatchStore({
    queue: metrics.measure(recorded(tracing, (batch, onSent) => queue.add(batch, onSent)), () => performance.now()),
    sync: metrics.measure(recorded(tracing, (batch, onSent) => syncedQueue.add(batch, onSent)), () => performance.now()),
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
  const eventBus: QueueEventBus = new QueueEventBus({
    gate: backpressure,
    door: doorLedger,
    types: frequentTypes,
    ...batchers,
    spooledEvent: (key) => spool?.remembered(key),
    onTraced: (event, publication) => sampledEvents.published(event, publication)
  })
  doorLedger.watch(() => underWay(Object.values(batchers).map((batcher) => batcher.unwrittenByPriority), eventBus.following))
  const priorities = new PriorityMap(config.EVENT_PRIORITIES, config.DEFAULT_EVENT_PRIORITY)
  fastify.decorate('priorities', priorities)
  fastify.decorate('intake', new EventIntake(priorities, config.IDEMPOTENCY_TTL_MS > 0))
  fastify.decorate('eventBus', eventBus)
  fastify.addHook('onClose', async () => {
    await Promise.all(Object.values(batchers).map((batcher) => batcher.drain()))
  })
}, { name: 'ingest', dependencies: ['backpressure', 'ledger', 'history', 'tracing'] })

/** A write of batches with its span; the very same write where nothing is recorded. */
function recorded<Result> (tracing: Tracing, write: (batch: Batch, onSent: () => void) => Promise<Result>): typeof write {
  if (!tracing.isOn) return write
  return async (batch, onSent) => {
    const span = tracing.startSend(batch.events)
    try {
      const result = await write(batch, onSent)
      span?.end()
      return result
    } catch (error) {
      span?.end({ error: (error as Error).message })
      throw error
    }
  }
}
