import type { FastifyPluginAsync } from 'fastify'
import { deadLetterJson } from '../../../../services/dead-letters/dead-letter.ts'
import { encodeCursor } from '../../../../services/dead-letters/cursor.ts'
import { parseDeletion, parseList } from '../../../../services/dead-letters/dead-letter-query.ts'
import { JSON_TYPE } from '../json-type.ts'
import { deleteAllSchema, listSchema } from './schema.ts'

/** Limit on calls to Redis for one page; each call examines a thousand dead letters. */
const MOST_CALLS = 20

/** The route checks the query itself, so that the answer names each wrong field. */
const validatorCompiler = () => () => true

const routes: FastifyPluginAsync = async (fastify) => {
  const { deadLetters } = fastify

  fastify.get('/', {
    schema: listSchema, config: { isOperator: true, scope: 'read' }, validatorCompiler
  }, async (request, reply) => {
    const query = parseList(request.query)
    if (!query.ok) return reply.invalidQuery(query.errors)
    return reply.fromQueue(async () => {
      const { filter, ...page } = query.value
      const found = await deadLetters.list(filter, { ...page, mostCalls: MOST_CALLS }, request.producer.organizationId)
      const next = found.next === undefined ? '' : `,"next":"${encodeCursor(found.next)}"`
      return reply.type(JSON_TYPE).send(`{"deadLetters":[${found.deadLetters.map(deadLetterJson).join(',')}]${next}}`)
    })
  })

  fastify.delete(
    '/',
    { schema: deleteAllSchema, config: { isOperator: true, scope: 'admin' }, validatorCompiler },
    async (request, reply) => {
      const query = parseDeletion(request.query)
      if (!query.ok) return reply.invalidQuery(query.errors)
      return reply.fromQueue(async () =>
        reply.send({ deleted: await deadLetters.deleteMatching(query.value, request.producer.organizationId) }))
    }
  )
}

export default routes
