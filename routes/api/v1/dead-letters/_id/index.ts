import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { deadLetterJson } from '../../../../../services/dead-letters/dead-letter.ts'
import { JSON_TYPE } from '../../json-type.ts'
import { deleteSchema, getSchema } from '../schema.ts'

const routes: FastifyPluginAsyncTypebox = async (fastify) => {
  const { deadLetters } = fastify

  fastify.get(
    '/',
    { schema: getSchema, config: { isOperator: true, scope: 'read' } },
    async ({ params, producer }, reply) =>
      reply.fromQueue(async () => {
        const deadLetter = await deadLetters.get(params.id, producer.organizationId)
        return deadLetter === undefined
          ? unknown(reply)
          : reply.type(JSON_TYPE).send(deadLetterJson(deadLetter) as never)
      })
  )

  fastify.delete(
    '/',
    { schema: deleteSchema, config: { isOperator: true, scope: 'admin' } },
    async ({ params, producer }, reply) =>
      reply.fromQueue(async () =>
        await deadLetters.delete(params.id, producer.organizationId) ? reply.code(204).send(null) : unknown(reply))
  )
}

function unknown (reply: FastifyReply): FastifyReply {
  return reply.problem({
    status: 404,
    slug: 'not-found',
    detail: 'The dead letter does not exist; it may have been replayed, deleted or discarded'
  })
}

export default routes
