import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { payloadTextOf } from '../../../../../../services/event/event-json.ts'
import { withMember } from '../../../../../../services/event/json-text.ts'
import { illFormed } from '../../../../../../services/event/well-formed.ts'
import { MOST_LATEST, MOST_PAYLOAD_CHARACTERS } from '../../../../../../services/history/latest-events.ts'
import { problemResponse } from '../../../../../../services/problem/problem-schema.ts'
import { JSON_TYPE } from '../../../json-type.ts'
import { receiptSchema } from '../schema.ts'

const schema = {
  tags: ['receipts'],
  summary: 'The payload of one of the latest events, or of a dead letter',
  description: 'Delivered events are not stored: a payload is known while the process that answers lists its event ' +
    'among the latest, and as long as the event is a dead letter.',
  params: receiptSchema.params,
  querystring: receiptSchema.querystring,
  response: {
    200: Type.Object({
      id: Type.String(),
      type: Type.String(),
      priority: Type.Integer(),
      receivedAt: Type.String({ format: 'date-time' }),
      payload: Type.Optional(Type.Unknown({ description: 'In the text that it was posted in; absent if it has none' }))
    }, { description: 'The payload' }),
    400: problemResponse('The question is wrong, field by field'),
    404: problemResponse('The payload is not kept here'),
    503: problemResponse('Redis is out of reach')
  }
}

const NOT_KEPT = `This process keeps the payloads of the last ${MOST_LATEST} events that it lists, and of dead letters. ` +
  'Ask the process that accepted the event; GET /api/v1/events/:id says where the event is.'
const TOO_LONG = `The payload is longer than the ${MOST_PAYLOAD_CHARACTERS} characters that are kept. ` +
  'GET /api/v1/events/:id says where the event is; while it waits, the job browser shows it.'

const payload: FastifyPluginAsyncTypebox = async (fastify) => {
  const { deadLetters, latestEvents, receipts } = fastify

  fastify.get('/', { schema, config: { isOperator: true } }, async ({ params: { id }, query }, reply) => {
    const answer = (event: { id: string, type: string, priority: number, receivedAt: string }, text: string | undefined) =>
      reply.type(JSON_TYPE).send(withMember(
        JSON.stringify({ id: event.id, type: event.type, priority: event.priority, receivedAt: event.receivedAt }), 'payload', text
      ) as never)
    const unknown = (detail: string) => reply.problem({ status: 404, slug: 'not-found', detail })
    const wrong = illFormed({ ...query, id }, ['id', 'organizationId', 'source'])
    if (wrong.length > 0) return reply.invalidQuery(wrong)
    const latest = latestEvents.find(id, query)
    if (latest !== undefined && !latest.isPayloadTooLong) return answer(latest, latest.payloadText)
    return reply.fromQueue(async () => {
      const receipt = await receipts.find({ id, ...query })
      const letterId = receipt.status === 'dead-letter' ? receipt.deadLetterId : undefined
      const letter = letterId === undefined ? undefined : await deadLetters.get(letterId)
      if (letter !== undefined) return answer(letter.event, payloadTextOf(letter.event))
      return unknown(latest === undefined ? NOT_KEPT : TOO_LONG)
    })
  })
}

export default payload
