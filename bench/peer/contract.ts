import { Type, type Static } from '@sinclair/typebox'
import { EventInputSchema, PrioritySchema } from '../../services/event/event.ts'

/** The priority of an event that names none, as in Spillway. */
const DEFAULT_PRIORITY = 5

const BatchSchema = Type.Array(EventInputSchema, { minItems: 1, maxItems: 10_000 })

const AcceptedSchema = Type.Object({
  id: Type.String(),
  type: Type.String(),
  priority: PrioritySchema,
  status: Type.Literal('accepted')
})

const AcceptedBatchSchema = Type.Object({
  accepted: Type.Integer(),
  results: Type.Array(Type.Object({ index: Type.Integer(), status: Type.String(), id: Type.String() }))
})

/** The posted bodies, and the answers to them. */
export type EventBody = Static<typeof EventInputSchema>
export type BatchBody = Static<typeof BatchSchema>
export type AcceptedEvent = Static<typeof AcceptedSchema>

/** Options of the route for one event, with the body and the answer of Spillway. */
export const eventRoute = { schema: { body: EventInputSchema, response: { 202: AcceptedSchema } } }

/** Options of the route for an array of events. */
export const batchRoute = {
  bodyLimit: 16_777_216,
  schema: { body: BatchSchema, response: { 202: AcceptedBatchSchema } }
}

/** The priority of an event. */
export function priorityOf ({ priority = DEFAULT_PRIORITY }: EventBody): number {
  return priority
}

/** The answer to one event. */
export function acceptedEvent (id: string, event: EventBody): AcceptedEvent {
  return { id, type: event.type, priority: priorityOf(event), status: 'accepted' }
}
