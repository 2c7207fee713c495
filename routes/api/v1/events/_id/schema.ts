import { Type } from '@fastify/type-provider-typebox'
import { problemResponse } from '../../../../../services/problem/problem-schema.ts'
import { MOST_ID_CHARACTERS, ReceiptSchema, UnknownReceiptSchema } from '../../../../../services/receipt/receipt.ts'

export const receiptSchema = {
  tags: ['receipts'],
  summary: 'Where an event is',
  description: 'Looks for the id as the own id of an event, as its Idempotency-Key, and as the id that was answered for one that has none of its own.',
  params: Type.Object({ id: Type.String({ minLength: 1, maxLength: MOST_ID_CHARACTERS }) }),
  querystring: Type.Object({
    organizationId: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'The organization that the event was posted with' })),
    source: Type.Optional(Type.String({ minLength: 1, maxLength: 2048, description: 'The source of a CloudEvent, within which its id is unique' }))
  }, { additionalProperties: false }),
  response: {
    200: { ...ReceiptSchema, description: 'What is known of it' },
    400: problemResponse('The request is wrong, field by field'),
    404: Type.Composite([UnknownReceiptSchema, Type.Object({ keptSeconds: Type.Number({ description: 'For how long it is known what became of an event' }) })], {
      description: 'Never came, or is older than what is kept'
    }),
    503: problemResponse('The queue cannot be asked')
  }
}
