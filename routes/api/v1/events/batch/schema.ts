import { Type } from '@fastify/type-provider-typebox'
import { CloudEventSchema } from '../../../../../services/event/cloud-event.ts'
import { CLOUD_EVENT_BATCH_TYPE, NDJSON_TYPES } from '../../../../../services/intake/content-type.ts'
import { EventInputSchema } from '../../../../../services/event/event.ts'
import { problemResponse } from '../../../../../services/problem/problem-schema.ts'
import { typeProperties } from '../../../../../services/problem/refusal-response.ts'
import {
  allStoredExamples, batchConflictExamples, mixedExamples, noneValidExamples
} from '../answer-examples.ts'
import { arrayExamples, cloudEventBatchExamples, streamExamples } from '../body-examples.ts'
import { eventHeaders, mediaTypeResponse, tooLargeResponse, unsupportedDurabilityResponse } from '../schema.ts'

const ReportSchema = Type.Object({
  accepted: Type.Integer({ description: 'Events that this post stored' }),
  duplicate: Type.Integer({ description: 'Events that an earlier post stored, or that this post repeats' }),
  shed: Type.Integer({ description: 'Events that the service refused because of load; send them again later' }),
  sampled: Type.Optional(Type.Integer({
    description: 'Events left out of the sample that is kept under pressure; do not send them again'
  })),
  wouldExpire: Type.Optional(Type.Integer({
    description: 'Events whose deadline would pass before a worker could take them; do not send them again'
  })),
  quota: Type.Optional(Type.Integer({ description: 'Events beyond a quota; send them again later' })),
  forbidden: Type.Optional(Type.Integer({ description: 'Events that the producer may not post' })),
  ...typeProperties,
  invalid: Type.Integer({ description: 'Events with errors; correct them first' }),
  durability: Type.Object({ queued: Type.Integer(), synced: Type.Integer(), spooled: Type.Integer() }, {
    description: 'Accepted events by the level that was met'
  }),
  results: Type.Array(
    Type.Object({
      index: Type.Integer({ description: 'The place in the body, from 0' }),
      line: Type.Optional(Type.Integer({ description: 'The line of the stream, from 1' })),
      status: Type.String({ description: 'accepted, duplicate, sampled, shed, would-expire, quota, forbidden or invalid' }),
      id: Type.Optional(Type.String()),
      priority: Type.Optional(Type.Integer()),
      durability: Type.Optional(Type.String()),
      reason: Type.Optional(Type.String()),
      bestPriority: Type.Optional(Type.Integer({
        description: 'The ceiling of the key, if `reason` is priority-ceiling'
      })),
      retryAfterSeconds: Type.Optional(Type.Integer()),
      mayBeStored: Type.Optional(Type.Boolean({
        description: 'True if the queue did not answer. The event may be stored: get its receipt, or ' +
          'post it again with the same id'
      })
    ),
    errors: Type.Optional(Type.Array(Type.Object({ field: Type.String(), message: Type.String() })))
  }), { description: 'One result for each event of an array, or for each event of a stream that is not stored' }),
  stoppedAfterLine: Type.Optional(Type.Integer({
    description: 'The last line that was read of a stream that ended early; `stopReason` says why'
  })),
  stopReason: Type.Optional(Type.String({
    description:
      'stopping: the process is stopping, send the other lines again; too-long: the stream lasted for ' +
      'STREAM_TIMEOUT_MS, send the other lines again; key-ended: the key was revoked or has expired; too-many-invalid: more than half of at least a ' +
      'thousand lines were invalid; process-overloaded: there was no memory for a long line or a decoder, send the ' +
      'other lines later; not-decodable: the body is not what Content-Encoding says; compressed-too-much: the body ' +
      'inflates to more than 100 times its size, send the other lines uncompressed; ' +
      'chunks-too-small: the chunks had a few bytes each, send the other lines in larger ones'
  })),
  errorsTruncated: Type.Optional(Type.Boolean({
    description: 'True if results omit their errors because there were too many for one answer'
  })),
  resultsTruncated: Type.Optional(Type.Boolean({
    description: 'True if more events of the stream were not stored than `results` lists'
  }))
})

export const postBatchSchema = {
  tags: ['ingest'],
  operationId: 'postEvents',
  summary: 'Post many events',
  description:
    'Accepts a JSON array, a CloudEvents batch, or NDJSON of any length, which the service reads as fast as the ' +
    'queue ' +
    'stores the events. It answers 202 if all events are stored, 503 or 429 (`SHED_STATUS`) if all are shed, 400 if all are ' +
    'invalid, 409 if all conflict with stored events, and 207 otherwise.',
  headers: eventHeaders,
  body: {
    content: {
      'application/json': { schema: Type.Array(EventInputSchema, { 'x-examples': arrayExamples }) },
      [CLOUD_EVENT_BATCH_TYPE]: { schema: Type.Array(CloudEventSchema, { 'x-examples': cloudEventBatchExamples }) },
      ...Object.fromEntries(NDJSON_TYPES.map((type) => [type, {
        schema: Type.String({ description: 'One event in each line', 'x-examples': streamExamples })
      }]))
    }
  },
  response: {
    202: { ...ReportSchema, description: 'All events are stored durably.', 'x-examples': allStoredExamples },
    207: {
      ...ReportSchema,
      description: 'Some events are stored; `results` lists the others and says why.',
      'x-examples': mixedExamples
    },
    400: problemResponse('The body holds no valid event.', { examples: noneValidExamples }),
    409: problemResponse('All events conflict with stored events that have the same identities.', {
      examples: batchConflictExamples
    }),
    413: tooLargeResponse,
    415: mediaTypeResponse,
    501: unsupportedDurabilityResponse
  }
}
