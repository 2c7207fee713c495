import type { FastifyBodyParser } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Parses a JSON body and notes its size; routes register it for the media types that they take besides application/json. */
    parseJson: FastifyBodyParser<string>
  }
  interface FastifyRequest {
    /** Size of a JSON body in characters, also of one that came without Content-Length. */
    bodySize: number
  }
}

export default fp(async (fastify) => {
  const parse = fastify.getDefaultJsonParser('error', 'error')
  fastify.decorateRequest('bodySize', 0)
  fastify.decorate('parseJson', (request, body, done) => {
    request.bodySize = body.length
    return parse(request, body, done)
  })
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, fastify.parseJson)
}, { name: 'content-types' })
