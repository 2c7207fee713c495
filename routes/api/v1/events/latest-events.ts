import { hostname } from 'node:os'
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { MOST_LATEST } from '../../../../services/history/latest-events.ts'
import { problemResponse } from '../../../../services/problem/problem-schema.ts'
import { LatestEventSchema } from '../../../../services/receipt/latest-event.ts'
import { queryDecoder } from '../../../../services/schema/decode.ts'

const DEFAULT_LISTED = 20

const QuerySchema = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_LATEST, default: DEFAULT_LISTED })),
  type: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'Only events of this type' }))
}, { additionalProperties: false })

const decodeQuery = queryDecoder(QuerySchema)

const listSchema = {
  operationId: 'listLatestEvents',
  tags: ['receipts'],
  summary: 'List the latest accepted events',
  description:
    'Lists events that the answering process accepted, newest first: up to ten per second, and not all of them ' +
    'under load.',
  querystring: QuerySchema,
  response: {
    200: Type.Object({
      events: Type.Array(LatestEventSchema),
      accepted: Type.Optional(Type.Integer({
        description:
          'Events that this process has accepted since its start, including those not listed; absent for a key that ' +
          'is bound to an organization'
      })),
      process: Type.String({ description: 'The process that answered: its host and its pid' })
    }, { description: 'The list' }),
    400: problemResponse('The request is invalid; `errors` names every wrong field')
  }
}

const PROCESS = `${hostname()}:${process.pid}`

/** The route checks the query itself, so that the answer names each wrong field. */
const validatorCompiler = () => () => true

/** Lists the latest events; a part of the route for events. */
export function registerLatestEvents (fastify: FastifyInstance): void {
  const { latestEvents, latestStates } = fastify
  const options = { schema: listSchema, config: { isOperator: true, scope: 'read' as const }, validatorCompiler }
  fastify.get('/', options, async (request, reply) => {
    const within = request.producer.organizationId
    const query = decodeQuery(request.query)
    if (!query.ok) return reply.invalidQuery(query.errors)
    const events = latestEvents.list(query.value.limit ?? DEFAULT_LISTED, query.value.type, within)
    const states = await latestStates.of(events)
    return reply.send({
      events: events.map((event, index) => {
        const { payloadText: _, isPayloadTooLong: __, ...listed } = event
        return { ...listed, status: states[index] }
      }),
      ...(within === undefined && { accepted: latestEvents.accepted }),
      process: PROCESS
    })
  })
}
