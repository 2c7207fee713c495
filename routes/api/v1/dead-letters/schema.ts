import { Type } from '@fastify/type-provider-typebox'
import { DEAD_REASONS } from '../../../../services/dead-letters/dead-letter.ts'
import { MOST_IDS } from '../../../../services/dead-letters/letter-query.ts'
import { REPLAY_STATUSES } from '../../../../services/dead-letters/replay.ts'
import { problemResponse } from '../../../../services/problem/problem-schema.ts'

const Reason = Type.Union(DEAD_REASONS.map((reason) => Type.Literal(reason)), { description: 'Attempts ran out, refused for good, or the batch took its workers down again and again' })

const LetterSchema = Type.Object({
  id: Type.String(),
  event: Type.Unknown({ description: 'The event as it was queued' }),
  reason: Reason,
  error: Type.String({ description: 'The failure, with the words of the consumer or the error' }),
  attempts: Type.Integer(),
  diedAt: Type.String({ format: 'date-time' }),
  receivedAt: Type.String({ format: 'date-time' })
})

const ReplaySchema = Type.Object({
  id: Type.String(),
  status: Type.Union(REPLAY_STATUSES.map((status) => Type.Literal(status))),
  reason: Type.Optional(Type.String({ description: 'Why it is paused: warning-threshold, no-spare-capacity, no-workers, workers-held, workers-paused, process-busy, or the reason for which low priority is shed' })),
  matched: Type.Integer({ description: 'Dead letters that there were when it began' }),
  replayed: Type.Integer({ description: 'Put back into the queue' }),
  skipped: Type.Integer({ description: 'Not there, or not any more; known at the end' }),
  createdAt: Type.String({ format: 'date-time' }),
  updatedAt: Type.String({ format: 'date-time' }),
  finishedAt: Type.Optional(Type.String({ format: 'date-time' }))
})

const filters = {
  type: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  organizationId: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  reason: Type.Optional(Reason),
  from: Type.Optional(Type.String({ format: 'date-time', description: 'Died at this time or later, RFC 3339' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'Died at this time or earlier, RFC 3339' }))
}

const tags = ['dead letters']
const params = Type.Object({ id: Type.String() })
const invalid = problemResponse('The request is wrong, field by field')
const unknownLetter = problemResponse('There is no such dead letter')
const unknownReplay = problemResponse('There is no such replay')
const unavailable = { ...problemResponse('Redis is out of reach'), headers: { 'Retry-After': { type: 'integer', description: 'Seconds' } } }

export const listSchema = {
  tags,
  summary: 'Dead letters, those that died first come first',
  description: 'An answer looks at a bounded number of letters: it may hold fewer than `limit`, or none, and still have a `next`.',
  querystring: Type.Object({
    ...filters,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ description: 'The `next` of the answer before' }))
  }),
  response: {
    200: Type.Object({ deadLetters: Type.Array(LetterSchema), next: Type.Optional(Type.String({ description: 'Absent at the end' })) }, { description: 'A page' }),
    400: invalid,
    503: unavailable
  }
}

export const deleteAllSchema = {
  tags,
  summary: 'Delete dead letters by filter',
  querystring: Type.Object({ ...filters, all: Type.Optional(Type.Literal('true', { description: 'In place of a filter' })) }),
  response: { 200: Type.Object({ deleted: Type.Integer() }, { description: 'They are gone' }), 400: invalid, 503: unavailable }
}

export const getSchema = { tags, summary: 'One dead letter', params, response: { 200: { ...LetterSchema, description: 'The letter' }, 404: unknownLetter, 503: unavailable } }

export const deleteSchema = { tags, summary: 'Delete one dead letter', params, response: { 204: Type.Null({ description: 'It is gone' }), 404: unknownLetter, 503: unavailable } }

export const beginReplaySchema = {
  tags,
  summary: 'Put dead letters back into the queue',
  description: 'With what capacity nobody else wants, however long that takes; see the replay that is answered. A dry run only tells what would be moved.',
  body: Type.Object({
    ids: Type.Optional(Type.Array(Type.String(), { minItems: 1, maxItems: MOST_IDS })),
    filter: Type.Optional(Type.Object(filters, { additionalProperties: false, description: 'Without members it stands for all' })),
    dryRun: Type.Optional(Type.Boolean())
  }, { additionalProperties: false }),
  response: {
    200: Type.Object({ dryRun: Type.Literal(true), matched: Type.Integer(), sample: Type.Array(LetterSchema) }, { description: 'A dry run: nothing was moved' }),
    202: { ...ReplaySchema, description: 'The replay runs in the background', headers: { Location: { type: 'string', description: 'URL of the replay, to follow it' } } },
    400: invalid,
    409: problemResponse('Too many replays are going on'),
    413: problemResponse('The body is too large'),
    415: problemResponse('Not JSON'),
    503: unavailable
  }
}

export const listReplaysSchema = {
  tags, summary: 'Replays, the latest first', response: { 200: Type.Object({ replays: Type.Array(ReplaySchema) }, { description: 'At most a hundred' }), 503: unavailable }
}

export const getReplaySchema = { tags, summary: 'How far a replay is', params, response: { 200: { ...ReplaySchema, description: 'The replay' }, 404: unknownReplay, 503: unavailable } }

export const cancelReplaySchema = {
  tags,
  summary: 'End a replay where it stands',
  params,
  response: { 200: { ...ReplaySchema, description: 'It moves nothing any more' }, 404: unknownReplay, 409: problemResponse('It is over'), 503: unavailable }
}

export const watchReplaySchema = {
  tags,
  summary: 'Progress of a replay as server-sent events',
  description: 'An event `progress` with the replay each time it has changed, the last one when it is over; then the stream ends.',
  params,
  response: {
    200: { description: 'Server-sent events', content: { 'text/event-stream': { schema: Type.String() } } },
    404: unknownReplay,
    503: { ...unavailable, description: 'Redis is out of reach, too many streams are open, or the process is about to stop' }
  }
}
