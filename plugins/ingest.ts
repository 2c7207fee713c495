import fp from 'fastify-plugin'
import { EventIntake } from '../services/event/intake.ts'
import { PriorityMap } from '../services/event/priority-map.ts'
import { QueueEventBus } from '../services/ingest/queue-event-bus.ts'
import { BatchMetrics } from '../services/metrics/batch-metrics.ts'
import { EventBatcher } from '../services/queue/batcher.ts'
import { isReply } from '../services/queue/event-queue.ts'

declare module 'fastify' {
  interface FastifyInstance {
    intake: EventIntake
    priorities: PriorityMap
    eventBus: QueueEventBus
  }
}

export default fp(async (fastify) => {
  const { config, queue, backpressure, metricsRegistry } = fastify
  const metrics = new BatchMetrics(metricsRegistry)
  const batcher = new EventBatcher({
    maxEvents: config.BATCH_MAX_EVENTS,
    maxBytes: config.BATCH_MAX_BYTES,
    write: metrics.measure((batch) => queue.add(batch), () => performance.now()),
    isOutage: (error) => !isReply(error),
    onEnded: (count) => backpressure.noteWritten(count)
  })
  const priorities = new PriorityMap(config.EVENT_PRIORITIES, config.DEFAULT_EVENT_PRIORITY)
  fastify.decorate('priorities', priorities)
  fastify.decorate('intake', new EventIntake(priorities))
  fastify.decorate('eventBus', new QueueEventBus(backpressure, batcher))
  fastify.addHook('onClose', () => batcher.drain())
}, { name: 'ingest', dependencies: ['backpressure'] })
