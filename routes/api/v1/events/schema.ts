import { Type } from '@fastify/type-provider-typebox'
import { CloudEventSchema } from '../../../../services/event/cloud-event.ts'
import { CLOUD_EVENT_TYPE } from '../../../../services/event/content-type.ts'
import { DURABILITIES } from '../../../../services/event/durability.ts'
import { EventInputSchema, PrioritySchema } from '../../../../services/event/event.ts'
import { problemResponse } from '../../../../services/problem/problem-schema.ts'
import { shedResponse } from '../shed-response.ts'

/** Headers that say more of the events in the body. */
export const eventHeaders = Type.Object({
  'x-event-priority': Type.Optional(Type.String({ description: 'Priority 1 to 10; wins over the body, and lets a refusal come before the body is read' })),
  'x-event-type': Type.Optional(Type.String({ description: 'Type of events whose body has none' })),
  'x-event-durability': Type.Optional(Type.Union(DURABILITIES.map((level) => Type.Literal(level)), {
    description: 'What 202 has to mean: in the queue (queued, the default), on the disk of Redis (synced), on the local disk of this process (spooled). The answer names the level that was met'
  })),
  traceparent: Type.Optional(Type.String({ description: 'The trace that the events belong to, as of W3C Trace Context; one that is not valid is passed over' })),
  tracestate: Type.Optional(Type.String({ description: 'What vendors keep beside the traceparent' })),
  'idempotency-key': Type.Optional(
    Type.String({
      description:
        'Identifies the event, or with its place in the body each event of many: a second post with it is answered ' +
        'as a duplicate, and one of another type or of better priority is refused. UTF-8'
    })
  )
})

/** The answer to an event that another one stands in the way of, for the API description. */
export const conflictResponse = problemResponse(
  '`reason` is in-flight: the same event is being stored right now, with Retry-After; or identity-conflict: the ' +
  'identity is that of an event of another type or of lower priority, named in `errors`'
)

export const postEventSchema = {
  tags: ['ingest'],
  summary: 'Post one event',
  description: `An event, or a CloudEvent 1.0: structured as ${CLOUD_EVENT_TYPE}, or binary with its attributes in ce-* headers. 202 means that the event is stored.`,
  headers: eventHeaders,
  body: {
    content: {
      'application/json': { schema: EventInputSchema },
      [CLOUD_EVENT_TYPE]: { schema: CloudEventSchema }
    }
  },
  response: {
    202: Type.Object({
      id: Type.String(),
      type: Type.String(),
      priority: PrioritySchema,
      status: Type.Union([Type.Literal('accepted'), Type.Literal('duplicate')], { description: 'A duplicate was stored before, under the id that is answered' }),
      durability: Type.Optional(Type.Union(DURABILITIES.map((level) => Type.Literal(level)), { description: 'The level that was met; for a duplicate only where the first is spooled by the process that answers' }))
    }, { description: 'Stored durably' }),
    400: problemResponse('What was posted is wrong, field by field'),
    409: conflictResponse,
    413: problemResponse('The body is too large'),
    415: problemResponse('Not a media type that events come in'),
    501: problemResponse('This Redis cannot promise the level that was asked for'),
    503: shedResponse
  }
}
