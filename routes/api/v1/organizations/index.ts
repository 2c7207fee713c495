import type { FastifyPluginAsync } from 'fastify'
import { queryDecoder } from '../../../../services/schema/decode.ts'
import { DEFAULT_LISTED, listSchema, QuerySchema } from './schema.ts'

const decodeQuery = queryDecoder(QuerySchema)

/** The route checks the query itself, so that the answer names each wrong field. */
const validatorCompiler = () => () => true

const organizations: FastifyPluginAsync = async (fastify) => {
  const { organizationFigures } = fastify

  fastify.get('/', {
    schema: listSchema, config: { isOperator: true, scope: 'read' }, validatorCompiler
  }, async (request, reply) => {
    const query = decodeQuery(request.query)
    if (!query.ok) return reply.invalidQuery(query.errors)
    const { limit = DEFAULT_LISTED } = query.value
    return reply.fromQueue(async () =>
      reply.send(await organizationFigures.list(limit, request.producer.organizationId)))
  })
}

export default organizations
