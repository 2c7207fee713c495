import type { FastifyReply, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { isKnownTo, prepareAnswer, type PreparedAnswer } from '../services/answer/prepared-answer.ts'

declare module 'fastify' {
  interface FastifyReply {
    /** Answers with prepared bytes, or with 304 if the client has them. */
    prepared: (answer: PreparedAnswer) => FastifyReply
  }
}

/** Sends prepared bytes with their length and their ETag, which spares clients a second download. */
export default fp(async (fastify) => {
  fastify.decorateReply('prepared', function (this: FastifyReply, { body, type, etag }: PreparedAnswer) {
    this.header('etag', etag)
    if (!this.hasHeader('cache-control')) this.header('cache-control', 'no-cache')
    if (isKnownTo(this.request.headers['if-none-match'], etag)) return this.code(304).send()
    return this.type(type).send(body)
  })
}, { name: 'prepared-answers' })

/** Lets a route answer each request with the bytes of its first answer. */
export function answerAlike (route: RouteOptions): void {
  let answer: PreparedAnswer | undefined
  route.onRequest = [...[route.onRequest ?? []].flat(), (_request, reply, next) => {
    if (answer === undefined) next()
    else reply.prepared(answer)
  }]
  route.onSend = [...[route.onSend ?? []].flat(), (_request, reply, payload, next) => {
    if (answer !== undefined || reply.statusCode !== 200 || typeof payload !== 'string') return next(null, payload)
    answer = prepareAnswer(payload, String(reply.getHeader('content-type')))
    reply.header('etag', answer.etag).header('cache-control', 'no-cache').removeHeader('content-length')
    next(null, answer.body)
  }]
}
