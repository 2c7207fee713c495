import type { FastifyContextConfig, FastifyReply, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { RefusalAnswers, type WireAnswer } from '../services/admission/refusal-answers.ts'
import { refusalStatuses, type Refusal, type RefusalStatuses } from '../services/admission/refusal.ts'
import { refusalOnWire, refusalProblem, retryHeaders } from '../services/problem/refusal-problem.ts'
import { refusalResponses } from '../services/problem/refusal-response.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The texts of refusals of this route. */
    refusalAnswers?: RefusalAnswers
    /** Members that an answer of this route has besides those of a problem, with their values if nothing was read. */
    unread?: Record<string, unknown>
  }
  interface FastifyInstance {
    /** The status of the answer to each kind of refusal. */
    refusalStatuses: RefusalStatuses
  }
  interface FastifyReply {
    /** Answers with the status of the kind of the refusal, with Retry-After and problem details that say why. */
    refuse: (refusal: Refusal, priority: number, members?: Record<string, unknown>) => FastifyReply
    /** The same for a request to a route for events, before its body is read; costs next to nothing. */
    refuseUnread: (refusal: Refusal, priority: number) => FastifyReply
    /** Sets the headers about the quota of an organization, if it has one. */
    rateLimit: (organizationId: string | undefined) => FastifyReply
  }
}

/** Answers refused events and requests. */
export default fp(async (fastify) => {
  const { backpressure: gate, config, lifecycle, refusalReasons } = fastify
  const statuses = refusalStatuses(config.SHED_STATUS)
  fastify.decorate('refusalStatuses', statuses)

  fastify.decorateReply('refuse', function (refusal: Refusal, priority: number, members?: Record<string, unknown>) {
    const { refusalAnswers } = this.request.routeOptions.config
    // Without further members the answer is that of a request that is refused unread, and is prepared.
    if (members === undefined && refusal.mayBeStored !== true && refusalAnswers !== undefined) {
      return sendPrepared(this.code(statuses[refusal.kind]), refusalAnswers.of(refusal, priority))
    }
    setHeaders(this, retryHeaders(refusal))
    return this.problem(refusalProblem(refusal, priority, statuses, gate, members))
  })

  fastify.decorateReply('refuseUnread', function (refusal: Refusal, priority: number) {
    const { raw, headers: { expect, 'transfer-encoding': coding }, routeOptions } = this.request
    const status = statuses[refusal.kind]
    // A refusal has to cost next to nothing: its text is prepared, and the body is discarded as it arrives.
    const answer = (routeOptions.config.refusalAnswers as RefusalAnswers).of(refusal, priority)
    if (lifecycle.isDraining || expect !== undefined || coding !== undefined || !this.raw.shouldKeepAlive) {
      // A sender with Expect: 100-continue does not send its body now, and its next request would be read as that body.
      // A sender whose connection ends with the answer still sends its body, and the answer arrives only if we read it.
      // A body may have a million chunks of one byte, so we read a bounded part of it.
      return sendPrepared(this.code(status).header('connection', 'close'), answer)
    }
    this.hijack()
    raw.resume()
    this.raw.writeHead(status, answer.headers).end(answer.body)
    return this
  })

  fastify.decorateReply('rateLimit', function (organizationId: string | undefined) {
    const rateLimit = gate.rateLimitOf(organizationId)
    if (rateLimit === undefined) return this
    return this.header('ratelimit-policy', rateLimit.policy).header('ratelimit', rateLimit.limit)
  })

  fastify.addHook('onRoute', (route: RouteOptions) => {
    const { intake, unread } = route.config ?? {}
    if (intake === undefined) return
    const { response } = (route.schema ?? {}) as { response?: object }
    route.schema = { ...route.schema, response: { ...response, ...refusalResponses(refusalReasons, statuses, unread) } }
    const answers = new RefusalAnswers(
      (refusal, priority) => refusalOnWire(refusal, refusalProblem(refusal, priority, statuses, gate, unread)), () => gate
    )
    Object.assign(route.config as FastifyContextConfig, { refusalAnswers: answers })
  })
}, { name: 'refusals', dependencies: ['admission', 'config', 'lifecycle', 'problem-details'] })

function sendPrepared (reply: FastifyReply, { headers, body }: WireAnswer): FastifyReply {
  return setHeaders(reply, headers).send(body)
}

/** Sets headers of which names and values take turns. */
function setHeaders (reply: FastifyReply, headers: readonly string[]): FastifyReply {
  for (let index = 0; index < headers.length; index += 2) reply.header(headers[index] as string, headers[index + 1])
  return reply
}
