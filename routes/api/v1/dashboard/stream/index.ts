import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { problemResponse } from '../../../../../services/problem/problem-schema.ts'
import { EVENT_STREAM_HEADERS, STREAM_RETRY_AFTER, TOO_MANY_STREAMS, TOO_MANY_STREAMS_OF_KEY } from '../../event-stream.ts'

const stream: FastifyPluginAsyncTypebox = async (fastify) => {
  const { dashboardFeed, dashboards } = fastify

  fastify.get('/', {
    // A HEAD request would never end.
    exposeHeadRoute: false,
    logLevel: 'warn',
    config: { isOperator: true, scope: 'read', isForWholeService: true },
    schema: {
      tags: ['metrics'],
      operationId: 'watchSignals',
      summary: 'Watch the signals of the dashboard',
      description:
        'Streams server-sent events: a `history` of the last hour, then a `second` each second, both with ' +
        '`{series, incidents, state}`. With Last-Event-ID the history begins after that second.',
      headers: Type.Object({
        'last-event-id': Type.Optional(
          Type.String({ description: 'The `id` of the last event that the viewer received, in seconds since 1970' })
        )
      }),
      response: {
        200: {
          description: 'A stream of server-sent events.', content: { 'text/event-stream': { schema: Type.String() } }
        },
        429: problemResponse('The key has too many streams open.'),
        503: problemResponse('Too many streams are open, or the process is stopping.')
      }
    }
  }, async (request, reply) => {
    if (!dashboards.canAdd(request.ip)) {
      return reply.headers(STREAM_RETRY_AFTER).problem({ ...TOO_MANY_STREAMS, slug: 'too-many-dashboards' })
    }
    const { raw } = reply
    if (!fastify.holdStream(request, raw)) return reply.headers(STREAM_RETRY_AFTER).problem(TOO_MANY_STREAMS_OF_KEY)
    reply.hijack()
    raw.on('close', () => dashboards.remove(raw))
    raw.on('error', () => dashboards.remove(raw))
    raw.writeHead(200, EVENT_STREAM_HEADERS)
    // The viewer may already have left.
    if (!raw.destroyed) dashboardFeed.open(raw, request.ip, request.headers['last-event-id'])
    return reply
  })
}

export default stream
