import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

const liveness: FastifyPluginAsyncTypebox = async (fastify) => {
  fastify.get('/', {
    config: { scope: 'public', port: 'both' },
    schema: {
      tags: ['health'],
      operationId: 'getLiveness',
      summary: 'Probe whether the process is alive',
      description: 'Depends only on the process, neither on load nor on Redis.',
      response: {
        200: Type.Object(
          { status: Type.Literal('alive'), timestamp: Type.String() }, { description: 'The process is alive.' }
        )
      }
    },
    logLevel: 'warn'
  }, async () => ({ status: 'alive' as const, timestamp: new Date().toISOString() }))
}

export default liveness
