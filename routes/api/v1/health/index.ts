import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { knowledgeOf } from '../../../../services/status/queue-status.ts'
import { healthSchema } from './schema.ts'

const health: FastifyPluginAsyncTypebox = async (fastify) => {
  const { backpressure, queueStatus } = fastify

  fastify.get('/', { schema: healthSchema, logLevel: 'warn', config: { scope: 'read' } }, async (_request, reply) => {
    const queue = queueStatus()
    const isOverloaded = fastify.isUnderPressure()
    const queueState = !queue.isKnown ? 'unhealthy' : queue.health === 'healthy' ? 'healthy' : 'degraded'
    const status = queueState === 'healthy' && isOverloaded ? 'degraded' : queueState
    const { eventLoopDelay, eventLoopUtilized, heapUsed, rssBytes } = fastify.memoryUsage()
    return reply.code(status === 'unhealthy' ? 503 : 200).send({
      status,
      timestamp: new Date().toISOString(),
      uptime: process.uptime(),
      services: {
        redis: { status: queue.isKnown ? 'healthy' : 'unhealthy' },
        ruleEngineQueue: {
          status: queueState,
          health: queue.health,
          queueDepth: queue.isKnown ? backpressure.depth : null,
          workers: queue.reading?.workers.length ?? null,
          circuitState: backpressure.signals.circuitState,
          backpressureEnabled: backpressure.mode !== 'false',
          problems: [...queue.problems],
          ...knowledgeOf(queue)
        },
        application: {
          status: isOverloaded ? 'degraded' : 'healthy',
          eventLoopDelayMs: Number.isFinite(eventLoopDelay) ? eventLoopDelay : null,
          eventLoopUtilization: eventLoopUtilized,
          heapUsedBytes: heapUsed,
          rssBytes
        }
      }
    })
  })
}

export default health
