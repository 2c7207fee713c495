import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { answerOrder } from '../answer-order.ts'
import { revokeKeySchema } from '../schema.ts'

const key: FastifyPluginAsyncTypebox = async (fastify) => {
  const { keyOrders } = fastify

  fastify.delete('/', { schema: revokeKeySchema, config: { isOperator: true, scope: 'admin' } }, async (request, reply) =>
    answerOrder(fastify, request, reply, 'revoked', () => keyOrders.revoke(request.params.id, request.producer)))
}

export default key
