import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { DatastreamSchema, TELEMETRY_TYPE } from '../../../../services/event/datastream.ts'
import { intakeContext, priorityBeforeBody } from '../../../../services/event/intake-context.ts'
import { eventHeaders, postEventSchema } from '../events/schema.ts'

const datastreams: FastifyPluginAsyncTypebox = async (fastify) => {
  const { config, intake, eventBus, priorities } = fastify

  fastify.post('/', {
    schema: {
      tags: ['ingest'],
      summary: 'Post a telemetry reading',
      description: `Becomes a \`${TELEMETRY_TYPE}\` event whose payload is the reading.`,
      headers: Type.Pick(eventHeaders, ['x-event-priority']),
      body: DatastreamSchema,
      response: postEventSchema.response
    },
    validatorCompiler: () => () => true,
    bodyLimit: config.BODY_LIMIT_BYTES,
    // The route says the type, so the priority is known before the body.
    config: { earlyPriority: ({ headers }) => priorityBeforeBody(headers, () => priorities.priorityOf(TELEMETRY_TYPE)) }
  }, async (request, reply) => {
    const headers = intakeContext(request.headers, new Date())
    if (!headers.ok) return reply.invalidEvent(headers.errors)
    const taken = intake.datastream(request.body, headers.context)
    if (!taken.ok) return reply.invalidEvent(taken.errors)
    const { id, type, priority } = taken.event
    const publication = await eventBus.publish(taken.event, Number(request.headers['content-length'] ?? 0))
    if (!publication.accepted) return reply.shed(publication.refusal, priority)
    return reply.code(202).send({ id, type, priority, status: 'accepted' })
  })
}

export default datastreams
