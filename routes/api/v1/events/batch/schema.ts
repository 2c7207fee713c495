import { Type } from '@fastify/type-provider-typebox'
import { CloudEventSchema } from '../../../../../services/event/cloud-event.ts'
import { CLOUD_EVENT_BATCH_TYPE, NDJSON_TYPES } from '../../../../../services/event/content-type.ts'
import { EventInputSchema } from '../../../../../services/event/event.ts'
import { problemResponse } from '../../../../../services/problem/problem-schema.ts'
import { eventHeaders } from '../schema.ts'
import { shedResponse } from '../../shed-response.ts'

const ReportSchema = Type.Object({
  accepted: Type.Integer(),
  duplicate: Type.Integer({ description: 'Stored by an earlier post, or twice in this one' }),
  shed: Type.Integer(),
  invalid: Type.Integer(),
  durability: Type.Object({ queued: Type.Integer(), synced: Type.Integer(), spooled: Type.Integer() }, { description: 'Accepted events by the level that was met' }),
  results: Type.Array(Type.Object({
    index: Type.Integer({ description: 'Place in the body, from 0' }),
    line: Type.Optional(Type.Integer({ description: 'Line of the stream, from 1' })),
    status: Type.String({ description: 'accepted, duplicate, shed or invalid' }),
    id: Type.Optional(Type.String()),
    priority: Type.Optional(Type.Integer()),
    durability: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String()),
    retryAfterSeconds: Type.Optional(Type.Integer()),
    mayBeStored: Type.Optional(
      Type.Boolean({
        description:
          'True when it was sent to the queue and no answer came: its receipt tells whether it is stored, and a ' +
          'post with the same id finds out'
      })
    ),
    errors: Type.Optional(Type.Array(Type.Object({ field: Type.String(), message: Type.String() })))
  }), { description: 'Every event of an array; of a stream only those that were not stored' }),
  stoppedAfterLine: Type.Optional(Type.Integer({ description: 'The stream was ended: lines after this one were not taken in, `stopReason` says why' })),
  stopReason: Type.Optional(Type.String({ description: 'stopping: the process stops, post the other lines again; too-many-invalid: more than half of at least a thousand lines were invalid; process-overloaded: there was no memory for a long line, post the other lines later' })),
  errorsTruncated: Type.Optional(Type.Boolean({ description: 'True when results leave out their errors, since there were more than an answer holds' })),
  resultsTruncated: Type.Optional(Type.Boolean({ description: 'True when a stream had more refused events than are listed' }))
})

export const postBatchSchema = {
  tags: ['ingest'],
  summary: 'Post many events',
  description: 'A JSON array, a CloudEvents batch, or NDJSON of any length, which is read at the pace of the queue. ' +
    '202 all accepted, 207 mixed, 503 all shed, 400 all invalid, 409 all in conflict with stored events.',
  headers: eventHeaders,
  body: {
    content: {
      'application/json': { schema: Type.Array(EventInputSchema) },
      [CLOUD_EVENT_BATCH_TYPE]: { schema: Type.Array(CloudEventSchema) },
      ...Object.fromEntries(NDJSON_TYPES.map((type) => [type, { schema: Type.String({ description: 'One event a line' }) }]))
    }
  },
  response: {
    202: { ...ReportSchema, description: 'All events are stored durably' },
    207: { ...ReportSchema, description: 'Some are, some were refused' },
    400: problemResponse('Nothing in the body is valid'),
    409: problemResponse('The identities of all events are those of other events; `reason` is identity-conflict'),
    413: problemResponse('The body is too large'),
    415: problemResponse('Not a media type that events come in'),
    501: problemResponse('This Redis cannot promise the level that was asked for'),
    503: shedResponse
  }
}
