import type { FastifyError, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { ACCEPTED_CODINGS, UnsupportedCodingError } from '../services/intake/content-coding.ts'
import { unsupportedType } from '../services/intake/content-type.ts'
import { InflationError } from '../services/intake/inflated-body.ts'
import { IDENTITY_CONFLICT } from '../services/event/identity-conflict.ts'
import { boundedErrors, type FieldError } from '../services/event/field-error.ts'
import { quoted } from '../services/event/quoted.ts'
import { headerTrace } from '../services/event/trace-context.ts'
import { BodyRefusedError } from './body-refusal.ts'
import { traceIdField } from '../services/logging/trace-ids.ts'
import { PROBLEM_CONTENT_TYPE, problemJson, type Problem, type ProblemSlug } from '../services/problem/problem.ts'

declare module 'fastify' {
  interface FastifyReply {
    problem: (problem: Problem) => FastifyReply
    /** Answers 400 and names every field that is wrong. */
    invalidEvent: (errors: readonly FieldError[]) => FastifyReply
    /** Answers 400 and names the wrong fields of a query, at most ten. */
    invalidQuery: (errors: readonly FieldError[]) => FastifyReply
    /** Answers 400 and names the wrong fields of the body of an order, at most ten. */
    invalidBody: (errors: readonly FieldError[]) => FastifyReply
    /** Answers 400 and names every wrong field of a change of the settings. */
    invalidSettings: (errors: readonly FieldError[]) => FastifyReply
    /** Answers 409: another event is stored under the same identity, and it differs in these fields. */
    identityConflict: (errors: readonly FieldError[], members?: Readonly<Record<string, unknown>>) => FastifyReply
    /** Answers 501: this Redis cannot report that a write is on its disk, so a retry is of no use. */
    syncUnsupported: () => FastifyReply
  }
}

export default fp(async (fastify) => {
  fastify.decorateReply('problem', function (problem: Problem) {
    return this.code(problem.status).type(PROBLEM_CONTENT_TYPE).send(problemJson(problem))
  })

  fastify.decorateReply('invalidEvent', function (errors: readonly FieldError[]) {
    return this.problem(wrongFields('invalid-event', errors))
  })

  fastify.decorateReply('invalidQuery', function (errors: readonly FieldError[]) {
    return this.problem(wrongFields('invalid-query', errors))
  })

  fastify.decorateReply('invalidBody', function (errors: readonly FieldError[]) {
    return this.problem(wrongFields('invalid-body', errors))
  })

  fastify.decorateReply('invalidSettings', function (errors: readonly FieldError[]) {
    // The limit on the body bounds the number of errors.
    return this.problem(wrongFields('invalid-settings', errors, Infinity))
  })

  fastify.decorateReply('identityConflict', function (errors: readonly FieldError[], members = {}) {
    return this.problem({
      status: 409, slug: IDENTITY_CONFLICT, reason: IDENTITY_CONFLICT, detail: detailOf(errors), errors, ...members
    })
  })

  fastify.decorateReply('syncUnsupported', function () {
    return this.problem({
      status: 501,
      slug: 'durability-unsupported',
      detail:
        'X-Event-Durability: synced needs a Redis with appendfsync always, or of version 7.2 or newer with an ' +
        'append-only file'
    })
  })

  fastify.setErrorHandler((error: FastifyError, request, reply) => {
    if (error.code === 'ECONNRESET') {
      request.log.info(
        { event: 'request-aborted', requestId: request.id, ...traceOf(request) },
        'a producer aborted its request'
      )
      return reply.problem({ status: 400, slug: 'aborted' })
    }
    if (error instanceof BodyRefusedError) {
      return reply.refuse(error.refusal, error.priority, request.routeOptions.config.unread)
    }
    const status = error.statusCode ?? 500
    if (status >= 500) {
      request.log.error(
        { event: 'request-failed', requestId: request.id, ...traceOf(request), err: error },
        'a request failed'
      )
      return reply.problem({ status, slug: 'internal-error' })
    }
    // RFC 7694: the header tells a wrong coding from a wrong media type.
    if (error instanceof UnsupportedCodingError) reply.header('accept-encoding', ACCEPTED_CODINGS)
    else if (status === 415) reply.header('accept', acceptedTypes(request).join(', '))
    return reply.problem({ status, slug: slugOf(error), detail: detailOfError(error, request) })
  })
}, { name: 'problem-details' })

function traceOf ({ spanTrace, headers }: FastifyRequest): ReturnType<typeof traceIdField> {
  return traceIdField(spanTrace ?? headerTrace(headers))
}

function wrongFields (slug: ProblemSlug, all: readonly FieldError[], most?: number): Problem {
  const errors = boundedErrors(all, most)
  return { status: 400, slug, detail: detailOf(errors), errors }
}

function detailOf (errors: readonly FieldError[]): string {
  return errors.map(({ field, message }) => field === '' ? message : `${field}: ${message}`).join('; ')
}

function detailOfError (error: FastifyError, request: FastifyRequest): string {
  const { code, message, statusCode } = error
  if (error instanceof InflationError) return quoted(message)
  if (statusCode === 413) return `The body is larger than ${request.routeOptions.bodyLimit} bytes`
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return unsupportedType(request.headers['content-type'], acceptedTypes(request))
  return quoted(message)
}

/** The media types that a route accepts, from its schema, the usual one first. */
function acceptedTypes ({ routeOptions: { schema } }: FastifyRequest): readonly string[] {
  const { content } = (schema?.body ?? {}) as { content?: Record<string, unknown> }
  return content === undefined ? ['application/json'] : Object.keys(content)
}

function slugOf (error: FastifyError): ProblemSlug {
  const { code = '', statusCode } = error
  if (error instanceof InflationError) return error.fault
  if (statusCode === 408) return 'body-timeout'
  if (statusCode === 415) return 'unsupported-media-type'
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'body-too-large'
  return 'invalid-request'
}
