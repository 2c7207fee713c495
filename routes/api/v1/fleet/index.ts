import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { MEMBER_FIELDS } from '../../../../services/fleet/member.ts'
import { problemExample, problemResponse } from '../../../../services/problem/problem-schema.ts'
import { knowledgeSchema } from '../../../../services/status/schema.ts'

const NEVER_READ = {
  status: 503,
  slug: 'queue-unavailable',
  detail: 'This replica has not reached Redis since it started; try again when Redis is back'
}

const EXAMPLE = {
  isKnown: true,
  asOf: '2026-07-01T10:00:00.000Z',
  members: [
    {
      id: '5f0c54c2-6c3b-4c0e-9b8e-3d1f7c2a9e41', role: 'api', host: 'api-1', pid: 7, version: '1.0.0',
      startedAt: '2026-07-01T08:00:00.000Z', circuitState: 'CLOSED', settingsVersion: 3, ageMs: 420
    },
    {
      id: 'b7a3a1de-0c55-4f7e-8a55-6a0d7a3c1b02', role: 'worker', host: 'worker-1', pid: 7, version: '1.0.0',
      startedAt: '2026-07-01T08:00:02.000Z', circuitState: 'CLOSED', settingsVersion: 3, ageMs: 87
    }
  ],
  skipped: 0
}

const FleetSchema = Type.Object({
  isKnown: Type.Boolean({ description: 'False while Redis is out of reach; the members are then those of asOf' }),
  asOf: knowledgeSchema.asOf,
  members: Type.Array(Type.Object({
    ...MEMBER_FIELDS,
    ageMs: Type.Integer({ minimum: 0, description: 'The time since the process announced itself last' })
  }), { description: 'The processes in the order of their start' }),
  skipped: Type.Integer({ minimum: 0, description: 'Records that this version cannot read' })
})

const fleetSchema = {
  tags: ['metrics'],
  operationId: 'getFleet',
  summary: 'List the processes of the service, API replicas and workers',
  description:
    'Answers from the last reading, without Redis. A process announces itself every second. One that stops leaves ' +
    'the list at once; one that dies leaves it after 5 seconds. While Redis is out of reach the list stays and ' +
    'ages grow.',
  response: {
    200: {
      description: 'The processes that announced themselves.',
      content: { 'application/json': { schema: FleetSchema, examples: { fleet: { value: EXAMPLE } } } }
    },
    503: problemResponse('This replica has not reached Redis since it started.', {
      examples: { neverRead: problemExample(NEVER_READ) }
    })
  }
}

const fleet: FastifyPluginAsyncTypebox = async (fastify) => {
  const { backpressure, queueMonitor, queueStatus } = fastify

  fastify.get('/', {
    schema: fleetSchema, config: { isOperator: true, scope: 'read', isForWholeService: true }
  }, async (_request, reply) => {
    const { reading } = queueMonitor
    if (reading === undefined) return reply.problem(NEVER_READ)
    const { isKnown, asOf } = queueStatus()
    const now = reading.redisTimeMs + backpressure.signalsAgeMs
    const members = reading.fleet.members.map(({ seenAt, worker: _worker, shares: _shares, ...member }) => ({
      ...member, ageMs: Math.max(0, Math.round(now - seenAt))
    }))
    return reply.send({ isKnown, asOf, members, skipped: reading.fleet.skipped })
  })
}

export default fleet
