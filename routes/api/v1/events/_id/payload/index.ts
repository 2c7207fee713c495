import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { payloadTextOf } from '../../../../../../services/event/event-json.ts'
import { withMember } from '../../../../../../services/event/json-text.ts'
import { illFormed } from '../../../../../../services/event/well-formed.ts'
import { MOST_LATEST, MOST_PAYLOAD_CHARACTERS } from '../../../../../../services/history/latest-events.ts'
import type { Problem } from '../../../../../../services/problem/problem.ts'
import { problemResponse } from '../../../../../../services/problem/problem-schema.ts'
import { JSON_TYPE } from '../../../json-type.ts'
import { receiptSchema } from '../schema.ts'

const schema = {
  operationId: 'getPayload',
  tags: ['receipts'],
  summary: 'Get the payload of one of the latest events, or of a dead letter',
  description: 'Delivered events are not stored: the process that answers knows a payload while it lists its event ' +
    'among the latest, and as long as the event is a dead letter.',
  params: receiptSchema.params,
  querystring: receiptSchema.querystring,
  response: {
    200: Type.Object({
      id: Type.String(),
      type: Type.String(),
      priority: Type.Integer(),
      receivedAt: Type.String({ format: 'date-time' }),
      payload: Type
        .Optional(Type.Unknown({ description: 'The payload exactly as posted; absent if the event has none' }))
    }, { description: 'The payload' }),
    400: problemResponse('The request is invalid; `errors` names every wrong field'),
    404: problemResponse('This process does not have the payload'),
    503: problemResponse('Redis is out of reach')
  }
}

const NOT_KEPT =
  `This process keeps the payloads of the last ${MOST_LATEST} events that it lists, and of dead letters. ` +
  'Ask the process that accepted the event; GET /api/v1/events/:id says where the event is.'
const TOO_LONG =
  `The payload is longer than ${MOST_PAYLOAD_CHARACTERS} characters, and this process does not keep it. ` +
  'GET /api/v1/events/:id says where the event is; while it waits, the job browser shows it.'

const UNAVAILABLE: Problem = {
  status: 503, slug: 'queue-unavailable', detail: 'Redis is out of reach; try again', retryAfterSeconds: 1
}

/** The fields that a listed event and a dead letter share. */
interface Known {
  readonly id: string
  readonly type: string
  readonly priority: number
  readonly receivedAt: string
}

function payloadJson ({ id, type, priority, receivedAt }: Known, text: string | undefined): string {
  return withMember(JSON.stringify({ id, type, priority, receivedAt }), 'payload', text)
}

const payload: FastifyPluginAsyncTypebox = async (fastify) => {
  const { deadLetters, latestEvents, receipts } = fastify

  fastify.get('/', {
    schema, config: { isOperator: true, scope: 'read' }
  }, async ({ params: { id }, query, producer }, reply) => {
    const within = producer.organizationId
    const answer = (json: string) => reply.type(JSON_TYPE).send(json as never)
    const wrong = illFormed({ ...query, id }, ['id', 'organizationId', 'source'])
    if (wrong.length > 0) return reply.invalidQuery(wrong)
    const latest = latestEvents.find(id, query, within)
    if (latest !== undefined && !latest.isPayloadTooLong) return answer(payloadJson(latest, latest.payloadText))
    return reply.fromQueue(async () => {
      const receipt = await receipts.find({ ...query, id, within })
      if (receipt.status === 'unavailable') return reply.header('retry-after', '1').problem(UNAVAILABLE)
      const deadLetterId = receipt.status === 'dead-letter' ? receipt.deadLetterId : undefined
      const deadLetter = deadLetterId === undefined ? undefined : await deadLetters.get(deadLetterId, within)
      if (deadLetter !== undefined) return answer(payloadJson(deadLetter.event, payloadTextOf(deadLetter.event)))
      const detail = latest === undefined ? NOT_KEPT : TOO_LONG
      return reply.problem({ status: 404, slug: 'not-found', detail })
    })
  })
}

export default payload
