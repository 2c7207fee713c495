import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

const prometheus: FastifyPluginAsyncTypebox = async (fastify) => {
  const { metricsRegistry } = fastify

  fastify.get('/', {
    schema: {
      tags: ['metrics'],
      operationId: 'getPrometheusMetrics',
      summary: 'Get the metrics for Prometheus',
      response: {
        200: {
          description: 'The metrics in the text format of Prometheus.',
          content: { 'text/plain': { schema: Type.String() } }
        }
      }
    },
    logLevel: 'warn'
  }, async (_request, reply) => reply.type(metricsRegistry.contentType).send(await metricsRegistry.metrics()))
}

export default prometheus
