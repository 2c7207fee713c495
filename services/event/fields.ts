/*
 * The fields of an event as lists, each derived from the schemas in event.ts. A test adds a field to these schemas and
 * follows it from the request to the consumer.
 */
import type { TSchema } from '@sinclair/typebox'
import {
  ATTRIBUTE, EnvelopeSchema, EventInputSchema, type Envelope, type EventInput, type QueuedEvent
} from './event.ts'

/** Fields that a producer posts. */
export const POSTED_FIELDS = Object.keys(EventInputSchema.properties) as readonly (keyof EventInput)[]

/** Fields that Spillway assigns. */
export const ENVELOPE_FIELDS = Object.keys(EnvelopeSchema.properties) as readonly (keyof Envelope)[]

/** Fields that rules and webhooks read. */
export const READABLE_FIELDS = [...POSTED_FIELDS, 'receivedAt'] as const

function attributesOf (properties: Readonly<Record<string, TSchema>>) {
  return Object.entries(properties).flatMap(([field, schema]) => {
    const attribute = (schema as { [ATTRIBUTE]?: string })[ATTRIBUTE]
    return attribute === undefined ? [] : [{ field: field as keyof QueuedEvent, attribute, schema }]
  })
}

/** Fields that are attributes of posted CloudEvents. */
export const POSTED_ATTRIBUTES = attributesOf(EventInputSchema.properties)

/** Fields that are attributes of delivered CloudEvents, including those above. */
export const DELIVERED_ATTRIBUTES = attributesOf({ ...EnvelopeSchema.properties, ...EventInputSchema.properties })

/** Copies the fields that are present. */
export function copyFields<Name extends keyof QueuedEvent> (
  from: Partial<Pick<QueuedEvent, Name>>, names: readonly Name[], to: Partial<Pick<QueuedEvent, Name>> = {}
): Partial<Pick<QueuedEvent, Name>> {
  for (const name of names) {
    const value = from[name]
    if (value !== undefined) to[name] = value
  }
  return to
}
