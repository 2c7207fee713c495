import fp from 'fastify-plugin'
import { registerQueueMetrics } from '../services/metrics/queue-metrics.ts'
import { queueStatusOf, type QueueStatus } from '../services/status/queue-status.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The current status of the queue, as far as this process knows it from memory. */
    queueStatus: () => QueueStatus
  }
}

export default fp(async (fastify) => {
  const { config, backpressure: gate, queueMonitor, deadLetterFigures, idLife, workerDemand, metricsRegistry } = fastify
  const status = () => queueStatusOf({
    gate,
    reading: queueMonitor.reading,
    deadLetters: deadLetterFigures()?.kept,
    deadLetterBytes: deadLetterFigures()?.bytes,
    idLifeMs: idLife.ms,
    sampleIntervalMs: config.QUEUE_SAMPLE_INTERVAL_MS
  })
  fastify.decorate('queueStatus', status)
  registerQueueMetrics(metricsRegistry, () => ({
    gate,
    health: status().health,
    reading: queueMonitor.reading,
    workersNeeded: workerDemand.needed,
    idLifeMs: idLife.ms
  }))
}, { name: 'queue-status', dependencies: ['config', 'queue', 'admission', 'dead-letters', 'worker-demand', 'metrics'] })
