import { Type, type Static } from '@sinclair/typebox'
import { HIGHEST_PRIORITY, LOWEST_PRIORITY } from '../admission/priority-class.ts'
import type { TraceContext } from './trace-context.ts'

export const PrioritySchema = Type.Integer({
  minimum: HIGHEST_PRIORITY,
  maximum: LOWEST_PRIORITY,
  description:
    '1 is critical: served first, and admitted as long as events can be stored; 2 to 5 are normal, 6 to 10 are low'
})

/**
 * An event as a producer posts it. Unknown fields are refused, so that a misspelled `priority` is not silently the
 * default one.
 */
export const EventInputSchema = Type.Object({
  type: Type.String({ minLength: 1, maxLength: 256, description: 'The kind of event, for example telemetry-data' }),
  payload: Type.Unknown({ description: 'Any JSON value; stored and delivered byte for byte as posted' }),
  priority: Type.Optional(PrioritySchema),
  organizationId: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  id: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 256,
      description:
        'Chosen by the producer; a second post with the same id is the same event. If it is absent, the service ' +
        'generates one from the place of the event and a digest that cannot be guessed'
    })
  ),
  occurredAt: Type.Optional(Type.String({ format: 'date-time', description: 'When it happened, RFC 3339' }))
}, { additionalProperties: false })

export type EventInput = Static<typeof EventInputSchema>

/** Context attributes of a CloudEvent that Spillway has no field for (source, subject, extensions …), kept for delivery. */
export type CloudEventAttributes = Record<string, string | number | boolean>

/** An event as it travels in a batch: what was posted plus what Spillway knows of it. */
export interface QueuedEvent {
  /** Chosen by the producer, else the place of the event in the queue; empty until its batch gives it that. */
  id: string
  type: string
  /** The value of the payload; undefined where there is none, as in a CloudEvent without data. */
  payload: unknown
  /**
   * The payload in the text that it was posted in, which is what travels; absent where that is what JSON.stringify
   * makes of the value.
   */
  payloadText?: string
  priority: number
  organizationId?: string
  /** RFC 3339, as posted. */
  occurredAt?: string
  /** RFC 3339, when the API took it in. */
  receivedAt: string
  attributes?: CloudEventAttributes
  /** The number of the next run; absent means the first. */
  attempt?: number
  /**
   * How often the other side put it off without an attempt, and when it first did, milliseconds since 1970; absent when
   * never.
   */
  deferrals?: { readonly count: number, readonly sinceMs: number }
  /** Names of handlers and actions that succeeded in earlier attempts and are not run again. */
  completedSteps?: string[]
  /** How many rules in a row emitted this event; bounds loops of rules that feed each other. */
  hops?: number
  /** Absent for an event of no trace. */
  trace?: TraceContext
}
