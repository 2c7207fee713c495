import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { knowledgeOf } from '../../../../../../services/status/queue-status.ts'
import { knowledgeSchema, orNull } from '../../../../../../services/status/schema.ts'

const summary: FastifyPluginAsyncTypebox = async (fastify) => {
  const { backpressure, queueStatus } = fastify

  fastify.get('/', {
    config: { scope: 'read' },
    schema: {
      tags: ['metrics'],
      operationId: 'getQueueSummary',
      summary: 'Get the queue in five figures, for scripts',
      response: {
        200: Type.Object({
          health: Type.String({ description: 'healthy, degraded, warning, critical or unknown' }),
          queueDepth: orNull(Type.Integer(), 'Events in the queue; null if unknown'),
          workers: orNull(Type.Integer(), 'Live worker processes; null if unknown'),
          circuitState: Type.String({ description: 'The state of the circuit at asOf' }),
          rejectedCount: Type.Integer(),
          ...knowledgeSchema
        }, { description: 'The queue in five figures.' })
      }
    },
    logLevel: 'warn'
  }, async () => {
    const status = queueStatus()
    return {
      health: status.health,
      queueDepth: status.depth ?? null,
      workers: status.reading?.workers.length ?? null,
      circuitState: backpressure.signals.circuitState,
      rejectedCount: backpressure.rejectedCount,
      ...knowledgeOf(status)
    }
  })
}

export default summary
