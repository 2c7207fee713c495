import type { FastifyPluginAsync } from 'fastify'
import { decodeKeyOrder } from '../../../../services/producer/key.ts'
import { answerOrder, shownKey } from './answer-order.ts'
import { createKeySchema, listKeysSchema } from './schema.ts'

/** Has room for the types that a key may list. */
const BODY_LIMIT_BYTES = 65_536

const keys: FastifyPluginAsync = async (fastify) => {
  const { keyOrders, keyStore } = fastify
  const config = { isOperator: true, scope: 'admin' } as const

  fastify.get('/', { schema: listKeysSchema, config }, async ({ producer }, reply) => reply.fromQueue(async () => {
    const lastUsed = await keyStore.lastUsed()
    return reply.send({
      keys: keyOrders.list(producer).map(({ record, source }) =>
        shownKey(record, source, record.id in lastUsed ? Number(lastUsed[record.id]) : undefined))
    })
  }))

  fastify.post('/', {
    schema: createKeySchema, config, bodyLimit: BODY_LIMIT_BYTES, validatorCompiler: () => () => true
  }, async (request, reply) => {
    const order = decodeKeyOrder(request.body)
    if (!order.ok) return reply.invalidQuery(order.errors)
    return answerOrder(fastify, request, reply, 'created', () => keyOrders.create(order.value, request.producer))
  })
}

export default keys
