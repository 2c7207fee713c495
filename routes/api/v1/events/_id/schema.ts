import { Type } from '@fastify/type-provider-typebox'
import { problemResponse } from '../../../../../services/problem/problem-schema.ts'
import { MOST_ID_CHARACTERS, ReceiptSchema, UnknownReceiptSchema } from '../../../../../services/receipt/receipt.ts'

export const receiptSchema = {
  tags: ['receipts'],
  operationId: 'getReceipt',
  summary: 'Get the receipt of an event',
  description:
    'Returns the state of an event. The id is the one that the producer chose, the Idempotency-Key, or the id ' +
    'that the service answered with.',
  params: Type.Object({ id: Type.String({ minLength: 1, maxLength: MOST_ID_CHARACTERS }) }),
  querystring: Type.Object({
    organizationId: Type.Optional(Type.String({
      minLength: 1, maxLength: 256, description: 'The organization of the event'
    })),
    source: Type.Optional(Type.String({
      minLength: 1, maxLength: 2048, description: 'The source of a CloudEvent; its id is unique within it'
    }))
  }, { additionalProperties: false }),
  response: {
    200: { ...ReceiptSchema, description: 'The event is known.' },
    400: problemResponse('The request is invalid; `errors` names every wrong field.'),
    404: Type.Composite([UnknownReceiptSchema, Type.Object({ keptSeconds: Type.Number({
      description: 'Seconds for which the service keeps receipts'
    }) })], {
      description: 'The service never received the event, or its receipt has expired.'
    }),
    503: {
      ...problemResponse('Redis is out of reach; try again after `Retry-After`.'),
      headers: { 'Retry-After': { type: 'integer', description: 'Seconds until the next attempt' } }
    }
  }
}
