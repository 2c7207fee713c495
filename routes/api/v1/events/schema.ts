import { Type } from '@fastify/type-provider-typebox'
import { CloudEventSchema } from '../../../../services/event/cloud-event.ts'
import { ACCEPTED_CODINGS } from '../../../../services/intake/content-coding.ts'
import { CLOUD_EVENT_TYPE } from '../../../../services/intake/content-type.ts'
import { DURABILITIES } from '../../../../services/event/durability.ts'
import { EventInputSchema, PrioritySchema } from '../../../../services/event/event.ts'
import { problemResponse } from '../../../../services/problem/problem-schema.ts'
import { oneOf } from '../../../../services/schema/one-of.ts'
import {
  conflictExamples, invalidExamples, mediaTypeExamples, storedExamples, tooLargeExamples, unsupportedDurabilityExamples
} from './answer-examples.ts'
import { cloudEventExamples, eventExamples } from './body-examples.ts'

/** Headers with further facts about the events in the body. */
export const eventHeaders = Type.Object({
  'x-event-priority': Type.Optional(Type.String({
    description:
      'Priority 1 to 10. Overrides the body, and lets the service refuse the request before it reads the body'
  })),
  'x-event-type': Type.Optional(Type.String({ description: 'The type of events that do not name one' })),
  'x-event-durability': Type.Optional(oneOf(DURABILITIES, {
    description:
      'Where an event must be stored before the service answers 202: the queue (queued, the default), the disk ' +
      'of Redis (synced), or the local disk of this process (spooled). The answer names the level that was met'
  })),
  'content-encoding': Type.Optional(Type.String({
    description: `How the body is compressed, one of ${ACCEPTED_CODINGS}; limits apply to what it inflates to`
  })),
  traceparent: Type.Optional(Type.String({
    description: 'The trace of the events, by W3C Trace Context; an invalid value is ignored'
  })),
  tracestate: Type.Optional(Type.String({ description: 'Data of tracing vendors that belongs to `traceparent`' })),
  'idempotency-key': Type.Optional(
    Type.String({
      description:
        'Identifies the event; together with its place in the body it identifies each event of many. A second post ' +
        'with the same key is a duplicate. A second post with another type or a better priority is refused. UTF-8'
    })
  )
})

/** The answer to an event that conflicts with a stored one, for the API description. */
export const conflictResponse = problemResponse(
  'The event conflicts with another of the same identity. `reason` is `in-flight` while an earlier post is not ' +
  'answered yet; try again after `Retry-After`. `reason` is `identity-conflict` if the stored event has another type ' +
  'or a lower priority; `errors` names them.',
  { examples: conflictExamples }
)

/** The answer to a level of durability that Redis cannot give, for the API description. */
export const unsupportedDurabilityResponse = problemResponse(
  'Redis cannot give the requested durability.', { examples: unsupportedDurabilityExamples }
)

/** The answer to a body above the limit, for the API description. */
export const tooLargeResponse = problemResponse('The body is too large.', { examples: tooLargeExamples })

/** The answer to a body in an unsupported media type, for the API description. */
export const mediaTypeResponse = problemResponse(
  'The media type, its charset or the Content-Encoding is not supported.', { examples: mediaTypeExamples }
)

export const postEventSchema = {
  tags: ['ingest'],
  operationId: 'postEvent',
  summary: 'Post one event',
  description:
    'Accepts an event, or a CloudEvent 1.0. A structured CloudEvent has the media type ' +
    `\`${CLOUD_EVENT_TYPE}\`; a binary one has its attributes in \`ce-*\` headers. 202 means that the event is stored.`,
  headers: eventHeaders,
  body: {
    content: {
      'application/json': { schema: { ...EventInputSchema, 'x-examples': eventExamples } },
      [CLOUD_EVENT_TYPE]: { schema: { ...CloudEventSchema, 'x-examples': cloudEventExamples } }
    }
  },
  response: {
    202: Type.Object({
      id: Type.String(),
      type: Type.String(),
      priority: PrioritySchema,
      status: oneOf(['accepted', 'duplicate', 'sampled'], {
        description:
          'Duplicate: an earlier post stored the event, under the id in this answer. Sampled: the event was left out of ' +
          'the sample that is kept under pressure; it is not stored, and must not be sent again'
      }),
      durability: Type.Optional(oneOf(DURABILITIES, {
        description: 'The level that was met. A duplicate has it only if this process spooled the first post'
      }))
    }, { description: 'The event is stored durably, or left out of a sample.', 'x-examples': storedExamples }),
    400: problemResponse('The event is invalid; `errors` names every wrong field.', { examples: invalidExamples }),
    409: conflictResponse,
    413: tooLargeResponse,
    415: mediaTypeResponse,
    501: unsupportedDurabilityResponse
  }
}
