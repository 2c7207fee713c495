import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { healthSchema } from './schema.ts'

const health: FastifyPluginAsyncTypebox = async (fastify) => {
  const { backpressure, queueMonitor } = fastify

  fastify.get('/', { schema: healthSchema, logLevel: 'warn' }, async (_request, reply) => {
    const { signals, health: queueHealth, mode } = backpressure
    const workers = queueMonitor.reading?.workers.length ?? 0
    const isOverloaded = fastify.isUnderPressure()
    const isCalm = queueHealth === 'healthy' && signals.circuitState === 'CLOSED' && workers > 0 && !isOverloaded
    const status = signals.isDepthKnown ? isCalm ? 'healthy' : 'degraded' : 'unhealthy'
    const { eventLoopDelay, eventLoopUtilized, heapUsed, rssBytes } = fastify.memoryUsage()
    return reply.code(status === 'unhealthy' ? 503 : 200).send({
      status,
      timestamp: new Date().toISOString(),
      uptime: process.uptime(),
      services: {
        redis: { status: signals.isDepthKnown ? 'healthy' : 'unhealthy' },
        ruleEngineQueue: {
          status: signals.isDepthKnown ? queueHealth === 'healthy' ? 'healthy' : 'degraded' : 'unhealthy',
          health: queueHealth,
          queueDepth: signals.isDepthKnown ? backpressure.depth : null,
          workers,
          circuitState: signals.circuitState,
          backpressureEnabled: mode !== 'false'
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
