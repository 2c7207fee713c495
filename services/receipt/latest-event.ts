import { Type, type Static } from '@sinclair/typebox'
import { EventInputSchema, PrioritySchema } from '../event/event.ts'
import { ReceiptSchema } from './receipt.ts'

/** An entry in the list of the latest events: the posted fields without the payload, and the state. */
export const LatestEventSchema = Type.Object({
  ...Type.Omit(EventInputSchema, ['payload']).properties,
  id: Type.String(),
  priority: PrioritySchema,
  source: Type.Optional(Type.String({ description: 'The source of a CloudEvent' })),
  receivedAt: Type.String({ format: 'date-time' }),
  status: Type.Union([...ReceiptSchema.anyOf.map(({ properties }) => properties.status), Type.Literal('unavailable')], {
    description: 'The status of its receipt, at most a second old; unavailable while the queue cannot be read'
  })
})

export type LatestEvent = Static<typeof LatestEventSchema>
