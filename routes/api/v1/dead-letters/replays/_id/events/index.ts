import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { EVENT_STREAM_HEADERS, TOO_MANY_STREAMS, STREAM_RETRY_AFTER } from '../../../../event-stream.ts'
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
        const refuse = () => reply.headers(STREAM_RETRY_AFTER).problem(TOO_MANY_STREAMS)
        if (!replayViewers.canAdd(ip)) return refuse()
        const { raw } = reply
        const begin = () => {
          // Other viewers may have connected during the read.
          if (!replayViewers.canAdd(ip)) {
            refuse()
            return undefined
          }
          reply.hijack()
          raw.on('close', () => replayFeed.leave(id, raw))
          raw.on('error', () => replayFeed.leave(id, raw))
          raw.writeHead(200, EVENT_STREAM_HEADERS)
          fastify.endWithKey(request, raw)
          return raw.destroyed ? undefined : raw
        }
        return await replayFeed.open(id, ip, begin, producer.organizationId)
          ? reply
          : reply.problem({ status: 404, slug: 'not-found', detail: 'The replay does not exist' })
      })
  )
}

export default events
