import type { FastifyPluginAsync } from 'fastify'
import { keyCursor, parseKeyList } from '../../../../services/producer/key-list.ts'
import { decodeKeyOrder } from '../../../../services/producer/key.ts'
import { answerOrder, shownKey } from './answer-order.ts'
import { createKeySchema, listKeysSchema } from './schema.ts'

/** Has room for the types that a key may list. */
const BODY_LIMIT_BYTES = 65_536

/** The routes check queries and bodies themselves, so that the answer names each wrong field. */
const validatorCompiler = () => () => true

const keys: FastifyPluginAsync = async (fastify) => {
  const { keyOrders, keyStore, trustedClock } = fastify
  const config = { isOperator: true, scope: 'admin' } as const

  fastify.get('/', { schema: listKeysSchema, config, validatorCompiler }, async ({ query, producer }, reply) => {
    const page = parseKeyList(query)
    if (!page.ok) return reply.invalidQuery(page.errors)
    return reply.fromQueue(async () => {
      const { keys: listed, next } = keyOrders.list(producer, page.value)
      const lastUsed = await keyStore.lastUsed(listed.map(({ record }) => record.id))
      return reply.send({
        keys: listed.map(({ record, source }, index) => shownKey(record, source, trustedClock.now, lastUsed[index])),
        ...(next !== undefined && { next: keyCursor(next) })
      })
    })
  })

  fastify.post('/', {
    schema: createKeySchema, config, bodyLimit: BODY_LIMIT_BYTES, validatorCompiler
  }, async (request, reply) => {
    const order = decodeKeyOrder(request.body)
    if (!order.ok) return reply.invalidBody(order.errors)
    return answerOrder(fastify, request, reply, 'created', () => keyOrders.create(order.value, request.producer))
  })
}

export default keys
