import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { problemResponse } from '../../../../../services/problem/problem-schema.ts'
import { EVENT_STREAM_HEADERS, STREAM_RETRY_AFTER, TOO_MANY_STREAMS } from '../../event-stream.ts'

const stream: FastifyPluginAsyncTypebox = async (fastify) => {
  const { dashboardFeed, dashboards } = fastify

  fastify.get('/', {
    // A HEAD would never end.
    exposeHeadRoute: false,
    logLevel: 'warn',
    config: { isOperator: true },
    schema: {
      tags: ['metrics'],
      summary: 'The last hour and each second from now on, as server-sent events',
      description: 'First an event `history`, then an event `second` each second, both with `{series, incidents, state}`; with Last-Event-ID the history begins after that second.',
      headers: Type.Object({ 'last-event-id': Type.Optional(Type.String({ description: 'Seconds of the epoch, the `id` of the last event that was seen' })) }),
      response: {
        200: { description: 'Server-sent events', content: { 'text/event-stream': { schema: Type.String() } } },
        503: problemResponse('There are too many streams, or the process is about to stop')
      }
    }
  }, async (request, reply) => {
    if (!dashboards.canAdd(request.ip)) {
      return reply.headers(STREAM_RETRY_AFTER).problem({ ...TOO_MANY_STREAMS, slug: 'too-many-dashboards' })
    }
    reply.hijack()
    const { raw } = reply
    raw.on('close', () => dashboards.remove(raw))
    raw.on('error', () => dashboards.remove(raw))
    raw.writeHead(200, EVENT_STREAM_HEADERS)
    // Who has left already leaves no second time.
    if (!raw.destroyed) dashboardFeed.open(raw, request.ip, request.headers['last-event-id'])
    return reply
  })
}

export default stream
