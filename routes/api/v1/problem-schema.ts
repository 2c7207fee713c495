import { Type, type TObject } from '@fastify/type-provider-typebox'

const ProblemSchema = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.Optional(Type.String()),
  errors: Type.Optional(Type.Array(Type.Object({ field: Type.String(), message: Type.String() })))
}, { additionalProperties: true })

const ShedSchema = Type.Intersect([ProblemSchema, Type.Object({
  reason: Type.String({ description: 'Name of the shedding policy' }),
  circuitState: Type.String(),
  queueDepth: Type.Union([Type.Integer(), Type.Null()], { description: 'Events; null when it is not known' }),
  priority: Type.Integer(),
  retryAfterSeconds: Type.Integer()
})])

/** Documents an RFC 9457 answer. */
export function problemResponse (description: string, schema: TObject | typeof ShedSchema = ProblemSchema) {
  return { description, content: { 'application/problem+json': { schema } } }
}

export const shedResponse = {
  ...problemResponse('Refused because of load', ShedSchema),
  headers: { 'Retry-After': { type: 'integer', description: 'Seconds after which the same event is likely to be admitted' } }
}
