import { Type, type TSchema } from '@sinclair/typebox'
import { CIRCUIT_STATES } from '../admission/circuit.ts'

/** A figure that is null while the queue cannot be read. */
export function orNull<Schema extends TSchema> (schema: Schema, description?: string) {
  return Type.Union([schema, Type.Null()], description === undefined ? {} : { description })
}

export const CountsSchema = Type.Object({
  waiting: orNull(Type.Integer()),
  active: orNull(Type.Integer()),
  delayed: orNull(Type.Integer(), 'Events that wait for their next attempt; not part of totalPending'),
  completed: orNull(Type.Integer()),
  failed: orNull(Type.Integer(), 'Events that became dead letters')
}, { description: 'Events; null if unknown' })

/** The members of every answer that tells of the queue. */
export const knowledgeSchema = {
  isKnown: Type.Boolean({
    description: 'False while the queue cannot be read. Its figures are then null, and circuitState is from asOf'
  }),
  asOf: orNull(Type.String(), 'The time of the last reading, RFC 3339; null before the first one'),
  lastKnown: orNull(Type.Object({
    at: Type.String({ description: 'RFC 3339' }),
    queueDepth: Type.Integer(),
    counts: CountsSchema,
    workers: Type.Integer(),
    circuitState: Type.Union(CIRCUIT_STATES.map((state) => Type.Literal(state))),
    isPaused: Type.Boolean(),
    arrivalRate: Type.Number(),
    drainRate: Type.Number(),
    deadLetters: orNull(Type.Integer())
  }), 'The figures of the last reading; null while the current figures are known')
}

export const WorkProblemSchema = Type.Object({
  kind: Type.String({ description: 'paused, no-worker, held, consumer-wait, not-delivered or handlers-differ' }),
  stops: Type.String({ description: 'all: no worker takes a batch; some: some take none; none: all take batches' }),
  text: Type.String(),
  remedy: Type.String()
})
