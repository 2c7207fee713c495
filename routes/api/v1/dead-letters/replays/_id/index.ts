import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Problem } from '../../../../../../services/problem/problem.ts'
import { cancelReplaySchema, getReplaySchema } from '../../schema.ts'

const replay: FastifyPluginAsyncTypebox = async (fastify) => {
  const { replays } = fastify
  const unknown: Problem = {
    status: 404,
    slug: 'not-found',
    detail: 'The replay does not exist; Spillway keeps only the latest ended replays'
  }

  fastify.get(
    '/',
    { schema: getReplaySchema, config: { isOperator: true, scope: 'read' } },
    async ({ params, producer }, reply) =>
      reply.fromQueue(async () => {
        const found = await replays.get(params.id, producer.organizationId)
        return found === undefined ? reply.problem(unknown) : reply.send(found)
      })
  )

  fastify.delete(
    '/',
    { schema: cancelReplaySchema, config: { isOperator: true, scope: 'admin' } },
    async ({ params, producer }, reply) =>
      reply.fromQueue(async () => {
        const wasGoingOn = await replays.cancel(params.id, producer.organizationId)
        if (wasGoingOn === false)
          return reply.problem({ status: 409, slug: 'replay-over', detail: 'The replay has already ended' })
        const found = wasGoingOn === undefined ? undefined : await replays.get(params.id)
        return found === undefined ? reply.problem(unknown) : reply.send(found)
      })
  )
}

export default replay
