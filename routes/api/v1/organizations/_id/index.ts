import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { getSchema, UNKNOWN_ORGANIZATION } from '../schema.ts'

const organization: FastifyPluginAsyncTypebox = async (fastify) => {
  const { organizationFigures } = fastify

  fastify.get('/', {
    schema: getSchema, config: { isOperator: true, scope: 'read' }
  }, async ({ params, producer }, reply) => reply.fromQueue(async () => {
    const found = await organizationFigures.get(params.id, producer.organizationId)
    return found === undefined ? reply.problem(UNKNOWN_ORGANIZATION) : reply.send(found)
  }))
}

export default organization
