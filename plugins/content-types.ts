import type { FastifyBodyParser, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { charsetOf } from '../services/event/content-type.ts'
import { parseJson, type ParsedJson } from '../services/event/parse-json.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Parses a JSON body and notes its size; routes register it for the media types that they take besides application/json. */
    parseJson: FastifyBodyParser<Buffer>
    /** Keeps a JSON body as it came and notes its size, for a route that parses it in pieces. */
    keepJson: FastifyBodyParser<Buffer>
    /** Answers what is wrong with the encoding of a body, undefined when it is plain UTF-8. */
    encodingError: (request: FastifyRequest) => Error | undefined
  }
  interface FastifyRequest {
    /** Size of a JSON body in bytes, also of one that came without Content-Length. */
    bodySize: number
    /** The JSON body as it came; empty where there is none. */
    bodyText: string
  }
}

/** What is missing then, the schema says; a binary CloudEvent may do without data. */
const NO_BODY: ParsedJson = { ok: true, value: undefined, text: '' }

export default fp(async (fastify) => {
  fastify.decorateRequest('bodySize', 0)
  fastify.decorateRequest('bodyText', '')
  fastify.decorate('encodingError', encodingError)
  fastify.decorate('parseJson', (request, body, done) => {
    const error = encodingError(request)
    if (error !== undefined) return done(error)
    request.bodySize = body.length
    const parsed = body.length === 0 ? NO_BODY : parseJson(body)
    if (parsed.ok) {
      request.bodyText = parsed.text
      done(null, parsed.value)
    } else done(problem(400, `The body is ${parsed.isLimit ? '' : 'not valid JSON: '}${parsed.message}`))
  })
  fastify.decorate('keepJson', (request, body, done) => {
    request.bodySize = body.length
    done(encodingError(request) ?? null, body)
  })
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, fastify.parseJson)
}, { name: 'content-types' })

function encodingError ({ headers }: FastifyRequest): Error | undefined {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') return problem(415, `Content-Encoding ${encoding} is not taken, post the body as it is`)
  const charset = charsetOf(headers)
  if (charset !== undefined && charset.trim().toLowerCase() !== 'utf-8') return problem(415, `The charset ${charset} is not taken, JSON is UTF-8`)
  return undefined
}

function problem (statusCode: number, message: string): Error {
  return Object.assign(new Error(message), { statusCode })
}
