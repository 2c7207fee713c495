import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { knowledgeOf } from '../../../../../../services/status/queue-status.ts'
import { knowledgeSchema, orNull } from '../../../../../../services/status/schema.ts'

const summary: FastifyPluginAsyncTypebox = async (fastify) => {
  const { backpressure, queueStatus } = fastify

  fastify.get('/', {
    schema: {
      tags: ['metrics'],
      summary: 'The queue in five numbers, for scripts',
      response: {
        200: Type.Object({
          health: Type.String({ description: 'healthy, degraded, warning, critical or unknown, as everywhere' }),
          queueDepth: orNull(Type.Integer(), 'Events; null while it is not known'),
          workers: orNull(Type.Integer(), 'Live worker processes; null while it is not known'),
          circuitState: Type.String({ description: 'As of asOf' }),
          rejectedCount: Type.Integer(),
          ...knowledgeSchema
        })
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
