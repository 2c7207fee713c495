import { Type } from '@sinclair/typebox'
import { refusalSentence } from '../admission/refusal-sentence.ts'
import { CONSEQUENCES, type RefusalKind, type RefusalStatuses } from '../admission/refusal.ts'
import { problemExample, problemResponse, ProblemSchema, type Example, type Examples } from './problem-schema.ts'

/** The headers of answers about the quota of an organization. */
const RATE_LIMIT_HEADERS = {
  'RateLimit-Policy': {
    type: 'string', description: 'The quota of the organization: `q` events at once, which come back in `w` seconds'
  },
  RateLimit: {
    type: 'string', description: 'Spread `r` events over the next `t` seconds, and the service refuses none of them'
  }
}

const HEADERS = {
  'Retry-After': { type: 'integer', description: 'Seconds after which the same event is likely to be admitted' }
}

interface Refused {
  readonly kind: RefusalKind
  readonly reason: string
  readonly retryAfterSeconds: number | undefined
  readonly circuitState: string
  readonly queueDepth: number | null
  readonly priority: number
}

const AT_LOW_PRIORITY: Refused = {
  kind: 'load', reason: 'circuit-open', retryAfterSeconds: 12, circuitState: 'OPEN', queueDepth: 52_340, priority: 5
}
const ABOVE_QUOTA: Refused = {
  kind: 'quota', reason: 'quota-exceeded', retryAfterSeconds: 2, circuitState: 'CLOSED', queueDepth: 812, priority: 5
}
const WITHOUT_REDIS: Refused = {
  kind: 'queue',
  reason: 'queue-unavailable',
  retryAfterSeconds: 5,
  circuitState: 'CLOSED',
  queueDepth: null,
  priority: 5
}

/** Describes the answers to refused events, by status, with the further `members` of the route. */
export function refusalResponses (
  reasons: readonly string[], statuses: RefusalStatuses, members?: Readonly<Record<string, unknown>>
) {
  const schema = refusalSchema(reasons)
  const overload = refusalExample('The workers have fallen behind', AT_LOW_PRIORITY, statuses, members)
  const outage = refusalExample('Redis is out of reach', WITHOUT_REDIS, statuses, { isKnown: false, ...members })
  const quota = refusalExample('The organization exceeds its quota', ABOVE_QUOTA, statuses, members)
  const answer = (causes: string, examples: Examples = {}, headers: object = HEADERS) =>
    ({ ...problemResponse(`No event is stored: ${causes}.`, { schema, examples }), headers })
  const rateLimited = { ...HEADERS, ...RATE_LIMIT_HEADERS }
  return {
    403: problemResponse('No event is stored: the producer may not post them.', { schema }),
    ...statuses.load === 429
      ? {
        429: answer('the service sheds load, or a quota is used up; `type` tells them apart', { overload, quota }, rateLimited),
        503: answer('the queue cannot take events', { outage })
      }
      : {
        429: answer('a quota is used up', { quota }, rateLimited),
        503: answer('the service sheds load, or the queue cannot take events', { overload, outage })
      }
  }
}

/** The members of an answer that name the types of a key. */
export const typeProperties = {
  types: Type.Optional(Type.Array(Type.String(), {
    description: 'The types that the key may post, if an event had another one: the first ones of a long list'
  })),
  moreTypes: Type.Optional(Type.Integer({ description: 'The number of types that `types` omits' }))
}

function refusalSchema (reasons: readonly string[]) {
  return Type.Intersect([ProblemSchema, Type.Object({
    reason: Type.String({
      examples: reasons,
      description: `Names why the event is not stored: ${reasons.join(', ')}; \`detail\` says it in a sentence`
    }),
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
    share: Type.Optional(Type.Number({
      description:
        'The fair share of the organization in what workers can process, in events of mean service time per second, ' +
        'if `reason` is fair-share'
    })),
    weight: Type.Optional(Type.Number({
      description: 'The weight of the organization, to which its share is proportional, if `reason` is fair-share'
    })),
    bestPriority: Type.Optional(Type.Integer({
      description: 'The ceiling of the key, if `reason` is priority-ceiling'
    })),
    ...typeProperties,
    retryAfterSeconds: Type.Optional(
      Type.Integer({ description: 'The same as `Retry-After`; absent if a second try would be refused too' })
    )
  })])
}

function refusalExample (
  summary: string, refused: Refused, statuses: RefusalStatuses, members: Readonly<Record<string, unknown>> = {}
): Example {
  const { kind, reason, retryAfterSeconds, circuitState, queueDepth, priority } = refused
  const detail = refusalSentence({ kind, reason, retryAfterSeconds }, { isMany: 'results' in members })
  return problemExample(
    {
      status: statuses[kind], type: CONSEQUENCES[kind].problemType, detail, reason, circuitState, queueDepth, priority,
      retryAfterSeconds, ...members
    },
    summary
  )
}
