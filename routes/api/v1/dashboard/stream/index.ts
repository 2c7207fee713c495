import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { problemResponse } from '../../../../../services/problem/problem-schema.ts'

/** Raw, since the plugin for server-sent events would make the text of each second anew for each viewer. */
const HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-accel-buffering': 'no' }

const RETRY_AFTER_SECONDS = 5

const stream: FastifyPluginAsyncTypebox = async (fastify) => {
  const { dashboardFeed, dashboards } = fastify

  fastify.get('/', {
    // A HEAD would never end.
    exposeHeadRoute: false,
    logLevel: 'warn',
    config: { isOperator: true },
    schema: {
      tags: ['metrics'],
      operationId: 'watchSignals',
      summary: 'Watch the signals of the dashboard',
      description:
        'Streams server-sent events: a `history` of the last hour, then a `second` each second, both with ' +
        '`{series, incidents, state}`. With Last-Event-ID the history begins after that second.',
      headers: Type.Object({
        'last-event-id': Type.Optional(
          Type.String({ description: 'The `id` of the last event that the viewer has seen, in seconds since 1970' })
        )
      }),
      response: {
        200: {
          description: 'A stream of server-sent events.', content: { 'text/event-stream': { schema: Type.String() } }
        },
        503: problemResponse('Too many streams are open, or the process is about to stop.')
      }
    }
  }, async (request, reply) => {
    if (!dashboards.canAdd) {
      return reply.header('retry-after', String(RETRY_AFTER_SECONDS))
        .problem({ status: 503, slug: 'too-many-dashboards', detail: 'There are too many streams already, or this process is about to stop' })
    }
    reply.hijack()
    const { raw } = reply
    raw.on('close', () => dashboards.remove(raw))
    raw.on('error', () => dashboards.remove(raw))
    raw.writeHead(200, HEADERS)
    // Who has left already leaves no second time.
    if (!raw.destroyed) dashboardFeed.open(raw, request.headers['last-event-id'])
    return reply
  })
}

export default stream
