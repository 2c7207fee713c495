import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Problem } from '../../../../../../../services/problem/problem.ts'
import {
  EVENT_STREAM_HEADERS, STREAM_RETRY_AFTER, TOO_MANY_STREAMS, TOO_MANY_STREAMS_OF_KEY
} from '../../../../event-stream.ts'
import { watchReplaySchema } from '../../../schema.ts'

const events: FastifyPluginAsyncTypebox = async (fastify) => {
  const { replayFeed, replayViewers } = fastify

  // A HEAD request would wait for the end of the replay and show nothing.
  fastify.get(
    '/',
    { schema: watchReplaySchema, config: { isOperator: true, scope: 'read' }, exposeHeadRoute: false },
    async (request, reply) =>
      reply.fromQueue(async () => {
        const { params: { id }, ip, producer } = request
        const refuse = (problem: Problem) => {
          reply.headers(STREAM_RETRY_AFTER).problem(problem)
        }
        if (!replayViewers.canAdd(ip)) {
          refuse(TOO_MANY_STREAMS)
          return reply
        }
        const { raw } = reply
        const begin = () => {
          // Other viewers may have connected during the read.
          const problem = !replayViewers.canAdd(ip)
            ? TOO_MANY_STREAMS
            : fastify.holdStream(request, raw) ? undefined : TOO_MANY_STREAMS_OF_KEY
          if (problem !== undefined) {
            refuse(problem)
            return undefined
          }
          reply.hijack()
          raw.on('close', () => replayFeed.leave(id, raw))
          raw.on('error', () => replayFeed.leave(id, raw))
          raw.writeHead(200, EVENT_STREAM_HEADERS)
          return raw.destroyed ? undefined : raw
        }
        return await replayFeed.open(id, ip, begin, producer.organizationId)
          ? reply
          : reply.problem({ status: 404, slug: 'not-found', detail: 'The replay does not exist' })
      })
  )
}

export default events
