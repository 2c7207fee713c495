import { Type } from '@fastify/type-provider-typebox'
import { problemResponse, ProblemSchema } from '../../../services/problem/problem-schema.ts'

const ShedSchema = Type.Intersect([ProblemSchema, Type.Object({
  reason: Type.String({ description: 'Name of the shedding policy' }),
  circuitState: Type.String(),
  queueDepth: Type.Union([Type.Integer(), Type.Null()], { description: 'Events; null when it is not known' }),
  priority: Type.Integer(),
  retryAfterSeconds: Type.Integer()
})])

/** The answer to an event that is refused because of load, for the API description. */
export const shedResponse = {
  ...problemResponse('Refused because of load', ShedSchema),
  headers: { 'Retry-After': { type: 'integer', description: 'Seconds after which the same event is likely to be admitted' } }
}
