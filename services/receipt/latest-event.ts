import { Type, type Static } from '@sinclair/typebox'
import { EventInputSchema, PrioritySchema } from '../event/event.ts'
import { ReceiptSchema } from './receipt.ts'

/** One of the latest events as it is listed: all that was posted but the payload, and where the event is. */
export const LatestEventSchema = Type.Object({
  ...Type.Omit(EventInputSchema, ['payload']).properties,
  id: Type.String(),
  priority: PrioritySchema,
  source: Type.Optional(Type.String({ description: 'The source of a CloudEvent' })),
  receivedAt: Type.String({ format: 'date-time' }),
  status: Type.Union([...ReceiptSchema.anyOf.map(({ properties }) => properties.status), Type.Literal('unavailable')], {
    description: 'As its receipt has it, at most a second old; unavailable while the queue cannot be asked'
  })
})

export type LatestEvent = Static<typeof LatestEventSchema>
