import type { ServerResponse } from 'node:http'
import type {
  DoneFuncWithErrOrRes,
  FastifyBodyParser,
  FastifyContentTypeParser,
  FastifyReply,
  FastifyRequest,
  FastifySchema,
  RouteOptions
} from 'fastify'
import { errorCodes } from 'fastify'
import fp from 'fastify-plugin'
import { whenOver } from '../services/connections/when-over.ts'
import { bodyReader } from '../services/intake/body-reading.ts'
import { codingOf, UnsupportedCodingError, type ContentCoding } from '../services/intake/content-coding.ts'
import { foreignCharset } from '../services/intake/content-type.ts'
import { parseJson, type ParsedJson } from '../services/intake/parse-json.ts'
import { problemResponse } from '../services/problem/problem-schema.ts'
import { bodyRefusal } from './body-refusal.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Parses a JSON body and records its size. */
    parseJson: FastifyBodyParser<Buffer>
    /** Wraps a parser of a whole body: reads the body first, within its limit and the budget for all bodies. */
    collected: (parse: FastifyBodyParser<Buffer>) => FastifyContentTypeParser
    /** Keeps a JSON body unparsed and records its size, for a route that parses it in pieces. */
    keepJson: FastifyBodyParser<Buffer>
    /** Makes the error that refuses a body for which there is no room, and counts it. */
    refuseBody: ReturnType<typeof bodyRefusal>
    /** Returns how a body is compressed, undefined if it is not, or the error that refuses its coding or charset. */
    bodyCoding: (request: FastifyRequest) => ContentCoding | Error | undefined
    /**
     * Tells a sender that waits for it (Expect: 100-continue) to send its body; for parsers that read it themselves.
     */
    inviteBody: (request: FastifyRequest) => void
  }
  interface FastifyRequest {
    /** Size of a JSON body in bytes, also of one that came without Content-Length. */
    bodySize: number
    /** The JSON body, unparsed; empty if there is none. */
    bodyText: string
    /** The largest body that the route accepts, in bytes. */
    bodyLimit: number
    /** The response of Node.js, for the reader of the body. */
    response: ServerResponse
    /** Whether the process has invited a sender with Expect: 100-continue; undefined if nothing reads bodies. */
    isInvited: boolean | undefined
    /** Call this once the answer to a large body is made. */
    onAnswerMade: (() => void) | undefined
  }
}

/** The schema reports the members that an empty body lacks; a binary CloudEvent needs no data. */
const NO_BODY: ParsedJson = { ok: true, value: undefined, text: '' }

export default fp(async (fastify) => {
  const { bodiesInFlight: bodies, initialConfig } = fastify
  const refusal = bodyRefusal(fastify)
  const read = bodyReader({
    bodies,
    priorityOf: ({ head }: FastifyRequest, bytes) => fastify.headGate.bodyPriority(head, bytes),
    refusal,
    wrongLength: () => new errorCodes.FST_ERR_CTP_INVALID_CONTENT_LENGTH(),
    invite: inviteBody,
    onceAnswered,
    now: () => performance.now()
  })

  fastify.decorateRequest('bodySize', 0)
  fastify.decorateRequest('bodyText', '')
  fastify.decorateRequest('bodyLimit', 0)
  // Node.js invites each sender that asks, unless the server leaves that to us, as ours does.
  fastify.decorateRequest('isInvited', fastify.server.listenerCount('checkContinue') === 0)
  fastify.decorateRequest('onAnswerMade', undefined)
  fastify.decorateRequest('response', null as unknown as ServerResponse)
  fastify.decorate('refuseBody', refusal)
  fastify.decorate('bodyCoding', bodyCoding)
  fastify.decorate('inviteBody', inviteBody)
  fastify.decorate('parseJson', parseJsonBody)
  fastify.decorate('keepJson', (request, body, done) => {
    request.bodySize = body.length
    done(null, body)
  })
  fastify.decorate('collected', (parse) => (request, payload, done) => {
    const coding = bodyCoding(request)
    if (coding instanceof Error) return done(coding)
    read({ request, payload, coding, limitBytes: request.bodyLimit, tooLarge }, (refused, body) => {
      if (body === undefined) done(refused)
      else void parse(request, body, done)
    })
  })
  fastify.addHook('onRoute', (route: RouteOptions) => {
    if (route.schema?.body !== undefined) {
      route.schema = documented(route.schema)
      route.onSend = [...[route.onSend ?? []].flat(), announceAnswer]
    }
    route.preParsing = [...[route.preParsing ?? []].flat(), (request, reply, payload, done) => {
      // A later hook may still set the limit of the route.
      request.bodyLimit = route.bodyLimit ?? initialConfig.bodyLimit as number
      request.response = reply.raw
      done(null, payload)
    }]
  })
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser('application/json', fastify.collected(parseJsonBody))
  fastify.addContentTypeParser('*', (request, payload, done) => {
    // A chunked request announces a body and may still have none, so one without a content type may be empty.
    if (request.headers['content-type'] !== undefined) return done(unsupported())
    read({ request, payload, coding: undefined, limitBytes: 0, tooLarge: unsupported }, (error) => done(error, undefined))
  })
}, { name: 'content-types', dependencies: ['bodies-in-flight', 'intake'] })

const tooLarge = () => new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE()
const unsupported = () => new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE()

function parseJsonBody (
  request: FastifyRequest,
  body: Buffer,
  done: (error: Error | null, value?: unknown) => void
): void {
  request.bodySize = body.length
  const parsed = body.length === 0 ? NO_BODY : parseJson(body)
  if (parsed.ok) {
    request.bodyText = parsed.text
    done(null, parsed.value)
  } else done(problem(400, `The body is ${parsed.isLimit ? '' : 'not valid JSON: '}${parsed.message}`))
}

function inviteBody (request: FastifyRequest): void {
  if (request.isInvited === true || request.headers.expect?.toLowerCase() !== '100-continue') return
  request.isInvited = true
  request.response.writeContinue()
}

function onceAnswered (request: FastifyRequest, callback: () => void): void {
  request.onAnswerMade = () => {
    request.onAnswerMade = undefined
    whenOver(request.raw, request.response, callback)
  }
}

function announceAnswer (
  request: FastifyRequest,
  _reply: FastifyReply,
  payload: unknown,
  done: DoneFuncWithErrOrRes
): void {
  request.onAnswerMade?.()
  done(null, payload)
}

/** Documents the answers that come before the body of a request has been read. */
function documented (schema: FastifySchema): FastifySchema {
  const early = {
    405: problemResponse('The path does not support this method; the header Allow names those that it supports'),
    408: problemResponse('The body did not arrive in time')
  }
  return { ...schema, response: { ...early, ...schema.response as object } }
}

function bodyCoding ({ headers }: FastifyRequest): ContentCoding | Error | undefined {
  const coding = codingOf(headers)
  if (coding instanceof UnsupportedCodingError) return coding
  const charset = foreignCharset(headers)
  if (charset !== undefined) return problem(415, `The charset ${charset} is not supported; send the body as UTF-8`)
  return coding
}

function problem (statusCode: number, message: string): Error {
  return Object.assign(new Error(message), { statusCode })
}
