import type { QueuedEvent } from '../event/event.ts'
import { copyFields, READABLE_FIELDS } from '../event/fields.ts'

/** The part of an event that expressions read and webhooks receive. */
export type EventData = Partial<Pick<QueuedEvent, (typeof READABLE_FIELDS)[number]>>

/** Omits fields that only concern the queue: attempts, steps, hops. */
export function toEventData (event: QueuedEvent): EventData {
  return copyFields(event, READABLE_FIELDS)
}
