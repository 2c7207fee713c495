import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { CIRCUIT_STATES } from '../admission/circuit.ts'
import { oneOf } from '../schema/one-of.ts'

/** A figure that is null while the queue cannot be read. */
export function orNull<Schema extends TSchema> (schema: Schema, description?: string) {
  return Type.Union([schema, Type.Null()], description === undefined ? {} : { description })
}

const KnownCountsSchema = Type.Object({
  waiting: Type.Integer(),
  active: Type.Integer(),
  delayed: Type.Integer({ description: 'Events that wait for their next attempt; not part of totalPending' }),
  completed: Type.Integer({ description: 'Ever handled' }),
  failed: Type.Integer({ description: 'Events that became dead letters' })
}, { description: 'Events' })

export type Counts = Readonly<Static<typeof KnownCountsSchema>>

export const ThresholdsSchema = Type.Object({
  warning: Type.Integer(),
  critical: Type.Integer(),
  recovery: Type.Integer(),
  hardLimit: Type.Integer(),
  hold: Type.Optional(Type.Integer({
    description: 'Depth from which normal events are refused before the circuit opens; absent with static thresholds'
  }))
}, { description: 'The thresholds in force' })

export const CountsSchema = Type.Mapped(
  Type.KeyOf(KnownCountsSchema),
  (key) => orNull(Type.Index(KnownCountsSchema, key)),
  {
    description: 'Events; null if unknown'
  }
)

const LastKnownSchema = Type.Object({
  at: Type.String({ description: 'RFC 3339' }),
  queueDepth: Type.Integer(),
  counts: KnownCountsSchema,
  workers: Type.Integer(),
  circuitState: oneOf(CIRCUIT_STATES),
  isPaused: Type.Boolean(),
  arrivalRate: Type.Number(),
  drainRate: Type.Number(),
  deadLetters: orNull(Type.Integer())
})

/** The figures of the last reading, while they are not current. The same in all answers. */
export type LastKnown = Readonly<Static<typeof LastKnownSchema>>

/** The members of every answer about the queue. */
export const knowledgeSchema = {
  isKnown: Type.Boolean({
    description: 'False while the queue cannot be read. Its figures are then null, and circuitState is from asOf'
  }),
  asOf: orNull(Type.String(), 'The time of the last reading, RFC 3339; null before the first one'),
  lastKnown: orNull(LastKnownSchema, 'The figures of the last reading; null while the current figures are known')
}

export const WorkProblemSchema = Type.Object({
  kind: oneOf(['paused', 'no-worker', 'held', 'consumer-wait', 'not-delivered', 'handlers-differ']),
  stops: oneOf(['all', 'some', 'none'], {
    description: 'all: no worker takes a batch; some: some take none; none: all take batches'
  }),
  text: Type.String({ description: 'The finding, as a clause: no capital letter, no full stop' }),
  remedy: Type.String({ description: 'The remedy for an operator, as a clause' })
})

/** A cause that keeps workers from taking batches, or makes them treat batches differently. */
export type WorkProblem = Readonly<Static<typeof WorkProblemSchema>>
