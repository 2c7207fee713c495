import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import { throttled } from '../services/logging/throttled-log.ts'
import { DeadLetterQueue } from '../services/queue/dead-letter-queue.ts'
import { EventQueue } from '../services/queue/event-queue.ts'
import { QueueMonitor } from '../services/queue/queue-monitor.ts'

declare module 'fastify' {
  interface FastifyInstance {
    queue: EventQueue
    deadLetters: DeadLetterQueue
    queueMonitor: QueueMonitor
  }
}

export default fp(async (fastify) => {
  const onError = throttled((error, suppressed) => {
    fastify.log.error({ event: 'queue-error', err: error, suppressed }, 'the queue reports an error')
  }, () => performance.now())
  const queue = new EventQueue(fastify.redis, onError)
  const deadLetters = new DeadLetterQueue(fastify.redis, onError)
  const monitor = new QueueMonitor({
    queue,
    intervalMs: fastify.config.QUEUE_SAMPLE_INTERVAL_MS,
    now: () => performance.now(),
    log: fastify.log as Logger
  })
  fastify.decorate('queue', queue)
  fastify.decorate('deadLetters', deadLetters)
  fastify.decorate('queueMonitor', monitor)
  // Not before the plugins that listen to readings are there.
  fastify.addHook('onReady', async () => monitor.start())
  fastify.addHook('onClose', async () => {
    await monitor.stop()
    await Promise.all([queue.close(), deadLetters.close()])
  })
}, { name: 'queue', dependencies: ['redis'] })
