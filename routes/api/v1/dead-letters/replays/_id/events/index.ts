import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { watchReplaySchema } from '../../../schema.ts'

const events: FastifyPluginAsyncTypebox = async (fastify) => {
  const { replays, lifecycle } = fastify

  // A HEAD would wait for the end of the replay with nothing to show.
  fastify.get('/', { schema: watchReplaySchema, config: { isOperator: true }, sse: 'only', exposeHeadRoute: false }, async ({ params }, reply) => reply.fromQueue(async () => {
    if (await replays.get(params.id) === undefined) return reply.problem({ status: 404, slug: 'not-found', detail: 'There is no such replay' })
    const closed = new AbortController()
    reply.sse.onClose(() => closed.abort())
    // A stream on which nothing is sent, because the process is stopping, could not be ended either.
    reply.sse.sendHeaders()
    for await (const replay of replays.progress(params.id, AbortSignal.any([closed.signal, lifecycle.draining]))) {
      if (!reply.sse.isConnected) break
      await reply.sse.send({ event: 'progress', data: replay })
    }
    reply.sse.close()
    return reply
  }))
}

export default events
