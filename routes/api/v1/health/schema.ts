import { Type } from '@fastify/type-provider-typebox'
import { CIRCUIT_STATES } from '../../../../services/admission/circuit.ts'
import { QUEUE_HEALTHS } from '../../../../services/admission/thresholds.ts'
import { oneOf } from '../../../../services/schema/one-of.ts'
import { knowledgeSchema, orNull, WorkProblemSchema } from '../../../../services/status/schema.ts'

const Status = oneOf(['healthy', 'degraded', 'unhealthy'])

const HealthSchema = Type.Object({
  status: Status,
  timestamp: Type.String({ format: 'date-time' }),
  uptime: Type.Number({ description: 'Seconds' }),
  services: Type.Object({
    redis: Type.Object({ status: Status }),
    ruleEngineQueue: Type.Object({
      status: Status,
      health: oneOf(QUEUE_HEALTHS),
      queueDepth: orNull(Type.Integer(), 'Events in the queue; null if unknown'),
      workers: orNull(Type.Integer(), 'Live worker processes; null if unknown'),
      circuitState: oneOf(CIRCUIT_STATES),
      backpressureEnabled: Type.Boolean(),
      problems: Type.Array(WorkProblemSchema),
      ...knowledgeSchema
    }),
    application: Type.Object({
      status: Status,
      eventLoopDelayMs: Type.Union([Type.Number(), Type.Null()], {
        description: 'Null if the event loop was blocked for a whole sample interval'
      }),
      eventLoopUtilization: Type.Number(),
      heapUsedBytes: Type.Integer(),
      rssBytes: Type.Integer()
    })
  })
})

export const healthSchema = {
  tags: ['health'],
  operationId: 'getHealth',
  summary: 'Get the health of the service',
  response: {
    200: { ...HealthSchema, description: 'The service is healthy or degraded.' },
    503: { ...HealthSchema, description: 'The service is unhealthy: the queue is out of reach.' }
  }
}
