import fp from 'fastify-plugin'
import { CLOUD_EVENT_BATCH_TYPE, CLOUD_EVENT_TYPE, NDJSON_TYPES } from '../services/event/content-type.ts'

export default fp(async (fastify) => {
  fastify.removeContentTypeParser('text/plain')
  // The same guard against __proto__ that Fastify gives plain JSON.
  fastify.addContentTypeParser([CLOUD_EVENT_TYPE, CLOUD_EVENT_BATCH_TYPE], { parseAs: 'string' }, fastify.getDefaultJsonParser('error', 'error'))
  // A stream is not collected: the route reads it at the pace of the queue.
  fastify.addContentTypeParser([...NDJSON_TYPES], (_request, body, done) => done(null, body))
}, { name: 'content-types' })
