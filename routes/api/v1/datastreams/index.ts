import { Type } from '@fastify/type-provider-typebox'
import type { FastifyPluginAsync } from 'fastify'
import { DatastreamSchema, TELEMETRY_TYPE } from '../../../../services/event/datastream.ts'
import { answerEvent } from '../answer-event.ts'
import { misplaced, refusedBody, type MisplacedBody } from '../misplaced-body.ts'
import { readingExamples } from '../events/body-examples.ts'
import { eventHeaders, postEventSchema } from '../events/schema.ts'

const MISPLACED: MisplacedBody = {
  array: refusedBody(
    `Expected one reading, a JSON object; post several as an array of ${TELEMETRY_TYPE} events to /api/v1/events/batch`
  ),
  empty: refusedBody('The body is empty; post a reading as a JSON object')
}

const datastreams: FastifyPluginAsync = async (fastify) => {
  const { config, intake } = fastify

  fastify.post('/', {
    schema: {
      tags: ['ingest'],
      operationId: 'postReading',
      summary: 'Post a telemetry reading',
      description: `Accepts a reading and stores it as a \`${TELEMETRY_TYPE}\` event whose payload is the reading.`,
      headers: Type.Pick(eventHeaders, ['x-event-priority', 'traceparent', 'tracestate']),
      body: { ...DatastreamSchema, 'x-examples': readingExamples },
      response: postEventSchema.response
    },
    validatorCompiler: () => () => true,
    bodyLimit: config.BODY_LIMIT_BYTES,
    config: { intake: 'reading', scope: 'ingest' }
  }, (request, reply) => { answerEvent(request, reply, (context) => (
    misplaced(request, MISPLACED) ?? intake.datastream(request.body, context, request.bodyText)
  )) })
}

export default datastreams
