import { Type } from '@fastify/type-provider-typebox'
import {
  DeletionSchema, ListSchema, ReasonSchema, ReplayOrderSchema
} from '../../../../services/dead-letters/dead-letter-query.ts'
import { ReplaySchema } from '../../../../services/dead-letters/replay.ts'
import { problemResponse } from '../../../../services/problem/problem-schema.ts'

const DeadLetterSchema = Type.Object({
  id: Type.String(),
  event: Type.Unknown({ description: 'The event as it was in the queue' }),
  reason: ReasonSchema,
  error: Type.String({ description: 'The error, or the answer of the consumer' }),
  attempts: Type.Integer(),
  diedAt: Type.String({ format: 'date-time' }),
  receivedAt: Type.String({ format: 'date-time' })
})

const tags = ['dead letters']
const params = Type.Object({ id: Type.String() })
const invalid = problemResponse('The request is invalid; `errors` names every wrong field.')
const unknownDeadLetter = problemResponse('The dead letter does not exist.')
const unknownReplay = problemResponse('The replay does not exist.')
const unavailable = {
  ...problemResponse('Redis is out of reach; try again after `Retry-After`.'),
  headers: { 'Retry-After': { type: 'integer', description: 'Seconds until the next attempt' } }
}

export const listSchema = {
  tags,
  operationId: 'listDeadLetters',
  summary: 'List dead letters, the oldest first',
  description:
    'One request reads a bounded number of dead letters. A page may hold fewer than `limit` dead letters, or none, ' +
    'and still have a `next` cursor.',
  querystring: ListSchema,
  response: {
    200: Type.Object({
      deadLetters: Type.Array(DeadLetterSchema),
      next: Type.Optional(Type.String({ description: 'The cursor of the next page; absent at the end' }))
    }, { description: 'A page of dead letters.' }),
    400: invalid,
    503: unavailable
  }
}

export const deleteAllSchema = {
  tags,
  operationId: 'deleteDeadLetters',
  summary: 'Delete dead letters by filter',
  querystring: DeletionSchema,
  response: {
    200: Type.Object({ deleted: Type.Integer() }, { description: 'The dead letters are deleted.' }),
    400: invalid,
    503: unavailable
  }
}

export const getSchema = {
  tags,
  operationId: 'getDeadLetter',
  summary: 'Get a dead letter',
  params,
  response: { 200: { ...DeadLetterSchema, description: 'The dead letter.' }, 404: unknownDeadLetter, 503: unavailable }
}

export const deleteSchema = {
  tags,
  operationId: 'deleteDeadLetter',
  summary: 'Delete a dead letter',
  params,
  response: { 204: Type.Null({ description: 'The dead letter is deleted.' }), 404: unknownDeadLetter, 503: unavailable }
}

export const beginReplaySchema = {
  tags,
  operationId: 'startReplay',
  summary: 'Put dead letters back into the queue',
  description:
    'Starts a replay, which uses spare capacity only and may take long. Follow it with the id in the answer. A dry ' +
    'run moves nothing and lists the dead letters that match.',
  body: ReplayOrderSchema,
  response: {
    200: Type.Object({ dryRun: Type.Literal(true), matched: Type.Integer(), sample: Type.Array(DeadLetterSchema) }, {
      description: 'A dry run moved nothing.'
    }),
    202: {
      ...ReplaySchema,
      description: 'The replay runs in the background.',
      headers: { Location: { type: 'string', description: 'The path of the replay' } }
    },
    400: invalid,
    409: problemResponse('Too many replays are unfinished, or too many of the organization.'),
    413: problemResponse('The body is too large.'),
    415: problemResponse('The body is not JSON.'),
    503: unavailable
  }
}

export const listReplaysSchema = {
  tags,
  operationId: 'listReplays',
  summary: 'List replays, the latest first',
  response: {
    200: Type.Object({ replays: Type.Array(ReplaySchema) }, { description: 'The latest hundred replays.' }),
    503: unavailable
  }
}

export const getReplaySchema = {
  tags,
  operationId: 'getReplay',
  summary: 'Get the progress of a replay',
  params,
  response: { 200: { ...ReplaySchema, description: 'The replay.' }, 404: unknownReplay, 503: unavailable }
}

export const cancelReplaySchema = {
  tags,
  operationId: 'cancelReplay',
  summary: 'Cancel a replay',
  description: 'Ends the replay. Dead letters that are back in the queue stay there.',
  params,
  response: {
    200: { ...ReplaySchema, description: 'The replay is cancelled and moves no further dead letters.' },
    404: unknownReplay,
    409: problemResponse('The replay has ended.'),
    503: unavailable
  }
}

export const watchReplaySchema = {
  tags,
  operationId: 'watchReplay',
  summary: 'Watch the progress of a replay',
  description:
    'Streams server-sent events: a `progress` event with the replay after each change. The stream ends with the ' +
    'replay.',
  params,
  response: {
    200: {
      description: 'A stream of server-sent events.', content: { 'text/event-stream': { schema: Type.String() } }
    },
    404: unknownReplay,
    429: problemResponse('The key has too many streams open.'),
    503: { ...unavailable, description: 'Redis is out of reach, too many streams are open, or the process is stopping' }
  }
}
