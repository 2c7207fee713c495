import { Type } from '@fastify/type-provider-typebox'
import { problemResponse, ProblemSchema } from '../../../services/problem/problem-schema.ts'

const ShedSchema = Type.Intersect([ProblemSchema, Type.Object({
  reason: Type.String({ description: 'Why the event is not stored; `detail` says it in a sentence' }),
  circuitState: Type.String({ description: 'The circuit at the last reading of the queue' }),
  isKnown: Type.Optional(
    Type.Boolean({ description: 'False while the queue cannot be read: circuitState is then old' })
  ),
  queueDepth: Type.Union([Type.Integer(), Type.Null()], { description: 'Events; null when it is not known' }),
  mayBeStored: Type.Optional(
    Type.Boolean({
      description:
        'True when the event was sent to the queue and no answer came: it may be stored, and a post with the same ' +
        'id finds out'
    })
  ),
  id: Type.Optional(Type.String({ description: 'Id of a single event that may be stored: its receipt tells' })),
  priority: Type.Integer(),
  retryAfterSeconds: Type.Integer()
})])

/** The answer to an event that is refused because of load or cannot be stored, for the API description. */
export const shedResponse = {
  ...problemResponse('Refused because of load, or because the queue cannot take the event', ShedSchema),
  headers: { 'Retry-After': { type: 'integer', description: 'Seconds after which the same event is likely to be admitted' } }
}
