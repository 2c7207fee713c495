import type { FastifyBodyParser } from 'fastify'
import fp from 'fastify-plugin'
import { parseJson, type ParsedJson } from '../services/event/parse-json.ts'

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

/** What is missing then, the schema says; a binary CloudEvent may do without data. */
const NO_BODY: ParsedJson = { ok: true, value: undefined }

export default fp(async (fastify) => {
  fastify.decorateRequest('bodySize', 0)
  fastify.decorate('parseJson', (request, body, done) => {
    request.bodySize = body.length
    const parsed = body === '' ? NO_BODY : parseJson(body)
    if (parsed.ok) done(null, parsed.value)
    else done(Object.assign(new Error(`The body is not valid JSON: ${parsed.message}`), { statusCode: 400 }))
  })
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, fastify.parseJson)
}, { name: 'content-types' })
