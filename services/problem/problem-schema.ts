import { Type, type TSchema } from '@sinclair/typebox'

/** RFC 9457 problem details; further members stand beside the fixed ones. */
export const ProblemSchema = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.Optional(Type.String()),
  errors: Type.Optional(Type.Array(Type.Object({ field: Type.String(), message: Type.String() })))
}, { additionalProperties: true })

/** Documents an RFC 9457 answer. */
export function problemResponse (description: string, schema: TSchema = ProblemSchema) {
  return { description, content: { 'application/problem+json': { schema } } }
}
