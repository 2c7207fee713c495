import { Type } from '@fastify/type-provider-typebox'
import { refusalSentence } from '../../../services/admission/refusal-sentence.ts'
import {
  problemExample, problemResponse, ProblemSchema, type Example, type Examples
} from '../../../services/problem/problem-schema.ts'

const ShedSchema = Type.Intersect([ProblemSchema, Type.Object({
  reason: Type.String({ description: 'Names why the event is not stored; `detail` says it in a sentence' }),
  circuitState: Type.String({ description: 'The state of the circuit at the last reading of the queue' }),
  isKnown: Type.Optional(
    Type.Boolean({ description: 'False while the queue cannot be read; `circuitState` is then old' })
  ),
  queueDepth: Type.Union([Type.Integer(), Type.Null()], { description: 'Events in the queue; null if unknown' }),
  mayBeStored: Type.Optional(
    Type.Boolean({
      description:
        'True if the event was sent to the queue and no answer came. The event may be stored; post it again with ' +
        'the same id to find out'
    })
  ),
  id: Type.Optional(Type.String({ description: 'The id of a single event that may be stored; ask for its receipt' })),
  priority: Type.Integer({ description: 'The priority that was refused' }),
  retryAfterSeconds: Type.Integer({ description: 'The same as `Retry-After`' })
})])

const HEADERS = {
  'Retry-After': { type: 'integer', description: 'Seconds after which the same event is likely to be admitted' }
}

interface Refused {
  readonly reason: string
  readonly retryAfterSeconds: number
  readonly circuitState: string
  readonly queueDepth: number | null
  readonly priority: number
}

const AT_LOW_PRIORITY: Refused = {
  reason: 'circuit-open', retryAfterSeconds: 12, circuitState: 'OPEN', queueDepth: 52_340, priority: 5
}
const WITHOUT_REDIS: Refused = {
  reason: 'queue-unavailable', retryAfterSeconds: 5, circuitState: 'CLOSED', queueDepth: null, priority: 5
}

/** Returns the answer to events that are refused because of load or cannot be stored, for the API description. */
export function shedResponse (members?: Readonly<Record<string, unknown>>) {
  const examples: Examples = {
    overload: shedExample('The workers have fallen behind', AT_LOW_PRIORITY, members),
    outage: shedExample('Redis is out of reach', WITHOUT_REDIS, { isKnown: false, ...members })
  }
  const description = 'No event is stored: the service sheds load, or the queue cannot take events.'
  return { ...problemResponse(description, { schema: ShedSchema, examples }), headers: HEADERS }
}

function shedExample (summary: string, refused: Refused, members: Readonly<Record<string, unknown>> = {}): Example {
  const { reason, retryAfterSeconds, circuitState, queueDepth, priority } = refused
  const detail = refusalSentence({ kind: 'load', reason, retryAfterSeconds }, { isMany: 'results' in members })
  return problemExample(
    { status: 503, slug: 'shed', detail, reason, circuitState, queueDepth, priority, retryAfterSeconds, ...members },
    summary
  )
}
