import type { FastifyPluginAsync } from 'fastify'
import { encodeCursor } from '../../../../services/dead-letters/cursor.ts'
import { parseDeletion, parseList } from '../../../../services/dead-letters/letter-query.ts'
import { deleteAllSchema, listSchema } from './schema.ts'

/** Calls to Redis for one page, each of which looks at a thousand letters. */
const MOST_CALLS = 20

/** What is asked is checked by hand, so that the answer names what is wrong. */
const validatorCompiler = () => () => true

const letters: FastifyPluginAsync = async (fastify) => {
  const { deadLetters } = fastify

  fastify.get('/', { schema: listSchema, config: { isOperator: true }, validatorCompiler }, async (request, reply) => {
    const query = parseList(request.query)
    if (!query.ok) return reply.invalidQuery(query.errors)
    return reply.fromQueue(async () => {
      const { filter, ...page } = query.value
      const found = await deadLetters.list(filter, { ...page, mostCalls: MOST_CALLS })
      return reply.send({ deadLetters: found.letters, ...(found.next !== undefined && { next: encodeCursor(found.next) }) })
    })
  })

  fastify.delete('/', { schema: deleteAllSchema, config: { isOperator: true }, validatorCompiler }, async (request, reply) => {
    const query = parseDeletion(request.query)
    if (!query.ok) return reply.invalidQuery(query.errors)
    return reply.fromQueue(async () => reply.send({ deleted: await deadLetters.deleteMatching(query.value) }))
  })
}

export default letters
