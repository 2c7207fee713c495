import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { CLOUD_EVENT_BATCH_TYPE, CLOUD_EVENT_TYPE, hasMediaType } from '../../../../services/event/content-type.ts'
import { attributeText } from '../../../../services/event/attribute-header.ts'
import { fromBinaryHeaders } from '../../../../services/event/cloud-event.ts'
import type { Intake } from '../../../../services/event/intake.ts'
import { memberText } from '../../../../services/event/json-text.ts'
import { priorityBeforeBody, type IntakeContext } from '../../../../services/event/intake-context.ts'
import { attributePriority, isBinaryCloudEvent } from '../../../../services/event/priority-header.ts'
import { answerEvent } from '../answer-event.ts'
import { answerWebHookHandshakes } from '../web-hook.ts'
import { registerLatestEvents } from './latest-events.ts'
import { postEventSchema } from './schema.ts'

const refused = (message: string): Intake => ({ ok: false, errors: [{ field: '', message }] })

const ARRAY = refused('Expected one event, a JSON object; post an array of events to /api/v1/events/batch')
const ARRAY_OF_CLOUD_EVENTS = refused(
  `Expected one event, a JSON object; post an array of events to /api/v1/events/batch as ${CLOUD_EVENT_BATCH_TYPE}`
)
const EMPTY = refused('The body is empty; post an event as a JSON object, such as {"type": "order", "payload": 1}')

const events: FastifyPluginAsync = async (fastify) => {
  const { config, intake, priorities } = fastify

  /** A binary CloudEvent tells all in its headers; of other events only the priority header is sure before the body. */
  function earlyPriority ({ headers }: FastifyRequest): number | undefined {
    return priorityBeforeBody(headers, () => isBinaryCloudEvent(headers)
      ? attributePriority(headers) ?? priorities.priorityOf(attributeText(String(headers['ce-type'])))
      : undefined)
  }

  function takeIn ({ headers, body, bodyText }: FastifyRequest, context: IntakeContext): Intake {
    if (isBinaryCloudEvent(headers)) {
      return intake.cloudEvent(fromBinaryHeaders(headers, body), context, bodyText.trim() || undefined)
    }
    const isCloudEvent = hasMediaType(headers, CLOUD_EVENT_TYPE)
    // Said here, since only the route knows where to post an array.
    if (Array.isArray(body)) return isCloudEvent ? ARRAY_OF_CLOUD_EVENTS : ARRAY
    if (bodyText === '') return EMPTY
    if (isCloudEvent) return intake.cloudEvent(body, context, memberText(bodyText, 'data'))
    return intake.event(body, context, bodyText)
  }

  answerWebHookHandshakes(fastify)
  fastify.addContentTypeParser(CLOUD_EVENT_TYPE, fastify.collected(fastify.parseJson))
  fastify.post('/', {
    schema: postEventSchema,
    // The intake checks bodies, those of arrays and streams too, so that all forms share one set of messages.
    validatorCompiler: () => () => true,
    bodyLimit: config.BODY_LIMIT_BYTES,
    config: { earlyPriority }
  }, (request, reply) => { answerEvent(request, reply, (context) => takeIn(request, context)) })
  registerLatestEvents(fastify)
}

export default events
