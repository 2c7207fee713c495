import { Type, type TSchema } from '@sinclair/typebox'
import { problemMembers, type Problem } from './problem.ts'

/** RFC 9457 problem details; further members stand beside the fixed ones. */
export const ProblemSchema = Type.Object({
  type: Type.String({ description: 'Identifies the kind of problem' }),
  title: Type.String({ description: 'The reason phrase of the status' }),
  status: Type.Integer({ description: 'The status of the answer' }),
  detail: Type.Optional(Type.String({ description: 'Says what happened, then what to do' })),
  errors: Type.Optional(
    Type.Array(
      Type.Object({ field: Type.String(), message: Type.String() }),
      { description: 'Every wrong field; the name is empty if the message is about the whole' }
    )
  )
}, { additionalProperties: true })

/** An Example Object of OpenAPI. */
export interface Example {
  readonly summary?: string
  readonly value: unknown
}

/** Examples by name; viewers show the first one first. */
export type Examples = Readonly<Record<string, Example>>

interface ResponseOptions {
  schema?: TSchema
  examples?: Examples
}

/** Documents an RFC 9457 answer. */
export function problemResponse (description: string, { schema = ProblemSchema, examples }: ResponseOptions = {}) {
  const media = examples === undefined ? { schema } : { schema, examples }
  return { description, content: { 'application/problem+json': media } }
}

/** Returns an example of a problem, with its members in the order of an answer. */
export function problemExample (problem: Problem, summary?: string): Example {
  const value = problemMembers(problem)
  return summary === undefined ? { value } : { summary, value }
}
