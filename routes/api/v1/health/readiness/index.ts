import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { knowledgeSchema } from '../../../../../services/status/schema.ts'

const Check = Type.Union([Type.Literal('ok'), Type.Literal('failed')])

const ReadinessSchema = Type.Object({
  status: Type.Union([Type.Literal('ready'), Type.Literal('not ready')]),
  timestamp: Type.String(),
  checks: Type.Object({
    queue: Type.Intersect([Check], {
      description:
        'Passes while events can be stored. If only critical events can, on local disk, ' +
        'READINESS_HOLDS_WHILE_SPOOLING decides'
    }),
    circuit: Type.Intersect([Check], {
      description: 'Fails while the circuit is open at asOf, if READINESS_FAILS_WHEN_OPEN is set'
    }),
    shutdown: Type.Intersect([Check], { description: 'Fails when the process begins to stop' }),
    handlers: Type.Optional(
      Type.Intersect([Check], {
        description:
          'Only in a process with ROLE=worker. Fails while the process takes no batch because it has no handlers'
      })
    )
  }),
  reason: Type.Optional(Type.String({ description: 'How to give the worker its handlers' })),
  isKnown: knowledgeSchema.isKnown,
  asOf: knowledgeSchema.asOf
})

const NO_HANDLERS =
  'This worker has no handlers and takes no batch; set DELIVERY_URL or RULES_FILE, or WITHOUT_HANDLER to show or ' +
  'discard.'

const readiness: FastifyPluginAsyncTypebox = async (fastify) => {
  const { config, backpressure, lifecycle, queueStatus, workerEntry } = fastify

  fastify.get('/', {
    config: { scope: 'public', port: 'both' },
    schema: {
      tags: ['health'],
      operationId: 'getReadiness',
      summary: 'Probe whether traffic can be routed to this process',
      description: 'The process stays ready while the circuit is open, because it still admits critical events.',
      querystring: Type.Object({
        startup: Type.Optional(Type.Literal('true', {
          description: 'Requires the queue itself, even if critical events can be spooled: for the probe of a start'
        }))
      }),
      response: {
        200: { ...ReadinessSchema, description: 'Route traffic to this process.' },
        503: { ...ReadinessSchema, description: 'Route traffic elsewhere; `checks` says why.' }
      }
    },
    logLevel: 'warn'
  }, async ({ query: { startup } }, reply) => {
    const maySpool = config.READINESS_HOLDS_WHILE_SPOOLING && startup === undefined
    const checks = {
      queue: check(backpressure.canStore || (maySpool && backpressure.canSpool)),
      circuit: check(!(config.READINESS_FAILS_WHEN_OPEN && backpressure.signals.circuitState === 'OPEN')),
      shutdown: check(!lifecycle.isDraining),
      // A process that is also an API still accepts events, which then wait for a worker with handlers.
      ...(config.ROLE === 'worker' && { handlers: check(!workerEntry?.().holds.includes('no-handlers')) })
    }
    const isReady = Object.values(checks).every((result) => result === 'ok')
    const { isKnown, asOf } = queueStatus()
    const reason = checks.handlers === 'failed' ? { reason: NO_HANDLERS } : {}
    return reply.code(isReady ? 200 : 503).send({
      status: isReady ? 'ready' : 'not ready',
      timestamp: new Date().toISOString(),
      checks,
      ...reason,
      isKnown,
      asOf
    })
  })
}

function check (passes: boolean): 'ok' | 'failed' {
  return passes ? 'ok' : 'failed'
}

export default readiness
