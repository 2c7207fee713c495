import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { CLOUD_EVENT_BATCH_TYPE, CLOUD_EVENT_TYPE } from '../../../../services/intake/content-type.ts'
import { fromBinaryHeaders } from '../../../../services/event/cloud-event.ts'
import type { Intake } from '../../../../services/intake/event-intake.ts'
import { memberText } from '../../../../services/event/json-text.ts'
import type { IntakeContext } from '../../../../services/intake/request-head.ts'
import { answerEvent } from '../answer-event.ts'
import { misplaced, refusedBody, type MisplacedBody } from '../misplaced-body.ts'
import { answerWebHookHandshakes } from '../web-hook.ts'
import { registerLatestEvents } from './latest-events.ts'
import { postEventSchema } from './schema.ts'

const ARRAY = 'Expected one event, a JSON object; post an array of events to /api/v1/events/batch'
const MISPLACED: MisplacedBody = {
  array: refusedBody(ARRAY),
  empty: refusedBody('The body is empty; post an event as a JSON object, such as {"type": "order", "payload": 1}')
}
const MISPLACED_CLOUD_EVENT: MisplacedBody = {
  array: refusedBody(`${ARRAY} as ${CLOUD_EVENT_BATCH_TYPE}`),
  empty: refusedBody('The body is empty; post a CloudEvent as a JSON object')
}

const events: FastifyPluginAsync = async (fastify) => {
  const { config, intake } = fastify

  function takeIn (request: FastifyRequest, context: IntakeContext): Intake {
    const { head, headers, body, bodyText } = request
    if (head.isBinaryCloudEvent) {
      return intake.cloudEvent(fromBinaryHeaders(headers, body), context, bodyText.trim() || undefined)
    }
    if (head.mediaType === CLOUD_EVENT_TYPE) {
      return misplaced(request, MISPLACED_CLOUD_EVENT) ?? intake.cloudEvent(body, context, memberText(bodyText, 'data'))
    }
    return misplaced(request, MISPLACED) ?? intake.event(body, context, bodyText)
  }

  answerWebHookHandshakes(fastify)
  fastify.addContentTypeParser(CLOUD_EVENT_TYPE, fastify.collected(fastify.parseJson))
  fastify.post('/', {
    schema: postEventSchema,
    // The intake checks the bodies of all forms, arrays and streams included, so that they share one set of messages.
    validatorCompiler: () => () => true,
    bodyLimit: config.BODY_LIMIT_BYTES,
    config: { intake: 'event', scope: 'ingest' }
  }, (request, reply) => { answerEvent(request, reply, (context) => takeIn(request, context)) })
  registerLatestEvents(fastify)
}

export default events
