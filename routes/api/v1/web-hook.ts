import type { FastifyInstance } from 'fastify'
import { answerHandshake, parseOrigins } from '../../../services/access/web-hook.ts'
import type { Problem } from '../../../services/problem/problem.ts'

const REFUSED: Problem = {
  status: 403,
  slug: 'origin-not-allowed',
  detail: 'Spillway does not accept events from this WebHook-Request-Origin; add it to WEBHOOK_ALLOWED_ORIGINS'
}

/** Lets senders of web hooks ask whether the route at `/` wants their events, if WEBHOOK_ALLOWED_ORIGINS names any. */
export function answerWebHookHandshakes (fastify: FastifyInstance): void {
  const { WEBHOOK_ALLOWED_ORIGINS: origins, WEBHOOK_ALLOWED_RATE: requestsPerMinute } = fastify.config
  if (origins === undefined) return
  const terms = { origins: parseOrigins(origins), requestsPerMinute }
  // A sender asks before it has any right to deliver.
  fastify.options('/', { schema: { hide: true }, config: { scope: 'public', port: 'main' } }, (request, reply) => {
    const answer = answerHandshake(request.headers, terms)
    const methods = fastify.methodsOf(fastify.portOf(request), request.routeOptions.url ?? '') ?? []
    reply.header('allow', [...methods].toSorted().join(', '))
    if (answer.kind === 'refused') return reply.problem(REFUSED)
    if (answer.kind === 'granted') reply.headers(answer.headers)
    return reply.code(200).send()
  })
}
