import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

const prometheus: FastifyPluginAsyncTypebox = async (fastify) => {
  const { metricsRegistry } = fastify

  fastify.get('/', {
    schema: {
      tags: ['metrics'],
      summary: 'For Prometheus',
      response: { 200: { description: 'Prometheus text format', content: { 'text/plain': { schema: Type.String() } } } }
    },
    logLevel: 'warn'
  }, async (_request, reply) => reply.type(metricsRegistry.contentType).send(await metricsRegistry.metrics()))
}

export default prometheus
