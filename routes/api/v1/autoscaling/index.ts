import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Problem } from '../../../../services/problem/problem.ts'
import { problemExample, problemResponse } from '../../../../services/problem/problem-schema.ts'
import { scalingReason, whyUnknown } from '../../../../services/scaling/scaling-reason.ts'
import type { Ignorance } from '../../../../services/scaling/scaling-state.ts'
import { HORIZON_MS } from '../../../../services/scaling/surge.ts'

const EXAMPLE = {
  workers: { current: 4, needed: 6, neededAtHorizon: 7, horizonSeconds: 60 },
  reason: '520 events/s arrive and 1,840 events wait, and one worker finishes 95 events/s, so 6 workers are needed.'
}

const AutoscalingSchema = Type.Object({
  workers: Type.Object({
    current: Type.Integer({ minimum: 0, description: 'Live worker processes, those that take no batch included' }),
    needed: Type.Integer({
      minimum: 1,
      description:
        'Worker processes that keep the delay budgets; it rises at once, and falls only after fewer were enough for ' +
        'SCALE_IN_AFTER_MS'
    }),
    neededAtHorizon: Type.Integer({
      minimum: 1,
      description: 'The same for the arrivals that the forecast predicts; without a proven forecast those of now'
    }),
    horizonSeconds: Type.Integer({ description: 'How far ahead neededAtHorizon looks' })
  }),
  reason: Type.String({ description: 'The number of needed workers in one sentence with its figures' })
})

const problemOf = (ignorance: Ignorance): Problem => ({
  status: 503,
  slug: ignorance === 'queue-unavailable' ? 'queue-unavailable' : 'workers-unknown',
  detail: whyUnknown(ignorance)
})

const autoscalingSchema = {
  tags: ['metrics'],
  operationId: 'getAutoscaling',
  summary: 'Get the number of workers that an autoscaler should start',
  description:
    'Answers from the last reading, without Redis. KEDA reads it with its metrics-api scaler, valueLocation ' +
    'workers.needed and targetValue 1. While the number is unknown the answer is 503, never 0, and an autoscaler leaves ' +
    'the workers unchanged.',
  response: {
    200: {
      description: 'The number of workers and its explanation.',
      content: { 'application/json': { schema: AutoscalingSchema, examples: { autoscaling: { value: EXAMPLE } } } }
    },
    503: problemResponse('The number is unknown.', {
      examples: {
        unavailable: problemExample(problemOf('queue-unavailable')), unknown: problemExample(problemOf('speed-unknown'))
      }
    })
  }
}

const autoscaling: FastifyPluginAsyncTypebox = async (fastify) => {
  const { queueStatus, workerDemand } = fastify

  const route = { schema: autoscalingSchema, logLevel: 'warn', config: { scope: 'read' } } as const
  fastify.get('/', route, async (_request, reply) => {
    // A reading that is too old says nothing of now.
    const state = queueStatus().isKnown ? workerDemand.state : 'queue-unavailable'
    if (typeof state === 'string') return reply.problem(problemOf(state))
    const { current, needed, neededAtHorizon } = state
    return reply.send({
      workers: { current, needed, neededAtHorizon, horizonSeconds: HORIZON_MS / 1_000 }, reason: scalingReason(state)
    })
  })
}

export default autoscaling
