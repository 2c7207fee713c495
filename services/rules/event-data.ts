import type { QueuedEvent } from '../event/event.ts'

/** The part of an event that expressions read and webhooks receive. */
export type EventData = Pick<QueuedEvent, 'id' | 'type' | 'payload' | 'priority' | 'organizationId' | 'occurredAt' | 'receivedAt'>

/** Leaves out what only the queue is concerned with: attempts, steps, hops. */
export function toEventData ({ id, type, payload, priority, organizationId, occurredAt, receivedAt }: QueuedEvent): EventData {
  return { id, type, payload, priority, organizationId, occurredAt, receivedAt }
}
