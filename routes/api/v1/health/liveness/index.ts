import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

const liveness: FastifyPluginAsyncTypebox = async (fastify) => {
  fastify.get('/', {
    schema: {
      tags: ['health'],
      summary: 'Is the process alive',
      description: 'Depends on nothing but the process itself, neither on load nor on Redis.',
      response: { 200: Type.Object({ status: Type.Literal('alive'), timestamp: Type.String() }) }
    },
    logLevel: 'warn'
  }, async () => ({ status: 'alive' as const, timestamp: new Date().toISOString() }))
}

export default liveness
