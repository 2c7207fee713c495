import { Type } from '@fastify/type-provider-typebox'
import type { Problem } from '../../../../services/problem/problem.ts'
import { problemExample, problemResponse } from '../../../../services/problem/problem-schema.ts'
import { MOST_STATEMENTS } from '../../../../services/statements/statement.ts'
import { orNull } from '../../../../services/status/schema.ts'

export const DEFAULT_LISTED = 100

const Rate = (description: string) => Type.Number({ description: `${description}, per second over the last seconds` })
const Count = (description: string) => Type.Integer({ minimum: 0, description })

const rates = {
  offeredPerSecond: Rate('Events that it posted'),
  admittedPerSecond: Rate('Those that were answered 202'),
  shedPerSecond: Rate('Those that were refused because of load'),
  quotaRefusedPerSecond: Rate('Those that were refused because of its quota'),
  refusedPerSecond: Type.Object({
    load: Rate('Shed like those of everybody'),
    fairShare: Rate('Shed because it is above its fair share'),
    deadline: Rate('Shed because their deadlines would pass'),
    quota: Rate('Beyond its quota'),
    forbidden: Rate('Without a right to post them'),
    invalid: Rate('Not valid')
  }, { description: 'The refused events by their causes' })
}

const LedgerSchema = Type.Object({
  since: Type.String({ format: 'date-time', description: 'When the statement begins' }),
  bookedAt: Type.String({ format: 'date-time', description: 'When a process booked last' }),
  received: Count('Events with an outcome; the following counts add up to them'),
  enqueued: Count('Put into the queue'),
  spooled: Count('Put on local disk'),
  duplicate: Count('Stored before'),
  shed: Count('Refused because of load, or because they could not be stored'),
  wouldExpire: Count('Refused because their deadlines would pass in the queue'),
  quota: Count('Refused because of a quota'),
  forbidden: Count('Refused because the producer may not post them'),
  invalid: Count('Invalid, or with the identity of another event'),
  sampled: Count('Left out of the sample that is kept under pressure'),
  queue: Type.Object({
    returned: Count('Put into the queue from the disk, by replays or by rules'),
    done: Count('Handled'),
    deadLettered: Count('Became dead letters'),
    expired: Count('Reached a worker after their deadlines'),
    adjusted: Type.Integer({ description: 'Corrections that were made while the queue was empty' })
  }, { description: 'The fate of the events in the queue' })
}, { description: 'The statement: what became of its events on all replicas' })

const QuotaSchema = Type.Object({
  eventsPerSecond: Type.Optional(Type.Number()),
  burst: Type.Optional(Type.Number()),
  bytesPerSecond: Type.Optional(Type.Number())
})

const OrganizationSchema = Type.Object({
  organizationId: Type.String({ description: 'Empty for all events that name no organization' }),
  ...rates,
  queued: Count('Its events in the queue: an estimate'),
  weight: Type.Number({ description: 'Its share of a capacity is proportional to it' }),
  share: orNull(
    Type.Number(),
    'Its fair share of the capacity, in events of mean service time per second; null while nobody is kept to a share'
  ),
  quota: orNull(QuotaSchema, 'Its quota as the settings have it; null without one'),
  ledger: orNull(LedgerSchema, 'Null if it has no statement: only the organizations with the most events have one')
})

const EXAMPLE = {
  organizationId: 'acme',
  offeredPerSecond: 412.5,
  admittedPerSecond: 200.1,
  shedPerSecond: 0,
  quotaRefusedPerSecond: 212.4,
  refusedPerSecond: { load: 0, fairShare: 0, deadline: 0, quota: 212.4, forbidden: 0, invalid: 0 },
  queued: 38,
  weight: 1,
  share: null,
  quota: { eventsPerSecond: 200, burst: 400 },
  ledger: {
    since: '2026-07-01T08:00:00.000Z', bookedAt: '2026-07-01T10:00:00.000Z', received: 2_970_000, enqueued: 1_440_038,
    spooled: 0, duplicate: 12, shed: 0, wouldExpire: 0, quota: 1_529_950, forbidden: 0, invalid: 0, sampled: 0,
    queue: { returned: 0, done: 1_440_000, deadLettered: 0, expired: 0, adjusted: 0 }
  }
}

const tags = ['metrics']
const unavailable = {
  ...problemResponse('Redis is out of reach; try again after `Retry-After`.'),
  headers: { 'Retry-After': { type: 'integer', description: 'Seconds until the next attempt' } }
}
const asOf = Type.String({ format: 'date-time', description: 'The moment of the figures' })

/** The answer to an organization that a key may not see is the same. */
export const UNKNOWN_ORGANIZATION: Problem = {
  status: 404, slug: 'not-found', detail: 'No organization of this name has posted lately, or has quota settings of its own'
}

export const QuerySchema = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_STATEMENTS, default: DEFAULT_LISTED }))
}, { additionalProperties: false })

export const listSchema = {
  tags,
  operationId: 'listOrganizations',
  summary: 'List the organizations that post most',
  description:
    'Lists organizations with statements, the largest offer first, with the figures of all replicas. A key that is ' +
    'bound to an organization sees its own.',
  querystring: QuerySchema,
  response: {
    200: {
      description: 'The list.',
      content: {
        'application/json': {
          schema: Type.Object({
            asOf,
            organizations: Type.Array(OrganizationSchema),
            others: Type.Optional(Type.Object(
              { ...rates, ledger: orNull(LedgerSchema) },
              { description: 'All organizations without a statement; absent for a key that is bound to one' }
            ))
          }),
          examples: { organizations: { value: { asOf: EXAMPLE.ledger.bookedAt, organizations: [EXAMPLE] } } }
        }
      }
    },
    400: problemResponse('The request is invalid; `errors` names every wrong field.'),
    503: unavailable
  }
}

export const getSchema = {
  tags,
  operationId: 'getOrganization',
  summary: 'Get the figures and the statement of an organization',
  params: Type.Object({ id: Type.String() }),
  response: {
    200: {
      description: 'The organization.',
      content: {
        'application/json': {
          schema: Type.Object({ asOf, ...OrganizationSchema.properties }),
          examples: { organization: { value: { asOf: EXAMPLE.ledger.bookedAt, ...EXAMPLE } } }
        }
      }
    },
    404: problemResponse('The service knows no such organization, or the key may not see it.', {
      examples: { unknown: problemExample(UNKNOWN_ORGANIZATION) }
    }),
    503: unavailable
  }
}
