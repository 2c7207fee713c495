import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { CLOUD_EVENT_TYPE } from '../../../../services/event/content-type.ts'
import { fromBinaryHeaders } from '../../../../services/event/cloud-event.ts'
import type { Intake, IntakeContext } from '../../../../services/event/intake.ts'
import { intakeContext, priorityBeforeBody } from '../../../../services/event/intake-context.ts'
import { headerPriority, isBinaryCloudEvent } from '../../../../services/event/priority-header.ts'
import { postEventSchema } from './schema.ts'

const events: FastifyPluginAsyncTypebox = async (fastify) => {
  const { config, intake, eventBus, priorities } = fastify

  /** A binary CloudEvent tells all in its headers; of other events only the priority header is sure before the body. */
  function earlyPriority ({ headers }: FastifyRequest): number | undefined {
    return priorityBeforeBody(headers, () => isBinaryCloudEvent(headers)
      ? headerPriority(headers, 'ce-priority') ?? priorities.priorityOf(String(headers['ce-type']))
      : undefined)
  }

  function takeIn ({ headers, body }: FastifyRequest, context: IntakeContext): Intake {
    if (isBinaryCloudEvent(headers)) return intake.cloudEvent(fromBinaryHeaders(headers, body), context)
    if (headers['content-type']?.startsWith(CLOUD_EVENT_TYPE)) return intake.cloudEvent(body, context)
    return intake.event(body, context)
  }

  fastify.post('/', {
    schema: postEventSchema,
    // The intake checks bodies, those of arrays and streams too, so that all forms share one set of messages.
    validatorCompiler: () => () => true,
    bodyLimit: config.BODY_LIMIT_BYTES,
    config: { earlyPriority }
  }, async (request, reply) => {
    const headers = intakeContext(request.headers, new Date())
    if (!headers.ok) return reply.invalidEvent(headers.errors)
    const taken = takeIn(request, headers.context)
    if (!taken.ok) return reply.invalidEvent(taken.errors)
    const { id, type, priority } = taken.event
    const publication = await eventBus.publish(taken.event, Number(request.headers['content-length'] ?? 0))
    if (!publication.accepted) return reply.shed(publication.refusal, priority)
    return reply.code(202).send({ id, type, priority, status: 'accepted' })
  })
}

export default events
