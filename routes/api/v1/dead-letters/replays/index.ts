import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { listReplaysSchema } from '../schema.ts'

const MOST_LISTED = 100

const list: FastifyPluginAsyncTypebox = async (fastify) => {
  const { replays } = fastify

  fastify.get(
    '/',
    { schema: listReplaysSchema, config: { isOperator: true, scope: 'read' } },
    async ({ producer }, reply) => reply.fromQueue(async () =>
      reply.send({ replays: await replays.latest(MOST_LISTED, producer.organizationId) }))
  )
}

export default list
