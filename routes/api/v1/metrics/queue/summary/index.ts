import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

const summary: FastifyPluginAsyncTypebox = async (fastify) => {
  const { backpressure, queueMonitor } = fastify

  fastify.get('/', {
    schema: {
      tags: ['metrics'],
      summary: 'The queue in five numbers, for scripts',
      response: {
        200: Type.Object({
          health: Type.String(),
          queueDepth: Type.Union([Type.Integer(), Type.Null()], { description: 'Events; null while it is not known' }),
          workers: Type.Integer(),
          circuitState: Type.String(),
          rejectedCount: Type.Integer()
        })
      }
    },
    logLevel: 'warn'
  }, async () => ({
    health: backpressure.health,
    queueDepth: backpressure.signals.isDepthKnown ? backpressure.signals.depth : null,
    workers: queueMonitor.reading?.workers.length ?? 0,
    circuitState: backpressure.signals.circuitState,
    rejectedCount: backpressure.rejectedCount
  }))
}

export default summary
