/*
 * An event has two parts, each with one schema: the fields that its producer posts, and those that Spillway assigns. A
 * field is one line here: all code that checks, copies, stores, shows or delivers events derives from these schemas,
 * mostly through the lists in fields.ts.
 */
import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { HIGHEST_PRIORITY, LOWEST_PRIORITY } from '../admission/priority-class.ts'
import { TraceContextSchema } from './trace-context.ts'

/** Key in the schema of a field for the name of its CloudEvent attribute. */
export const ATTRIBUTE = Symbol('attribute')

/** Marks a field that is an attribute of posted and delivered CloudEvents. */
export function attribute<Schema extends TSchema> (name: string, schema: Schema): Schema {
  return { ...schema, [ATTRIBUTE]: name }
}

export const PrioritySchema = Type.Integer({
  minimum: HIGHEST_PRIORITY,
  maximum: LOWEST_PRIORITY,
  description:
    '1 is critical: served first, and admitted as long as events can be stored; 2 to 5 are normal, 6 to 10 are low'
})

/**
 * An event as a producer posts it. Unknown fields are refused, or a misspelled `priority` would silently become the
 * default.
 */
export const EventInputSchema = Type.Object({
  type: attribute('type', Type.String({
    minLength: 1, maxLength: 256, description: 'The kind of event, for example telemetry-data'
  })),
  payload: attribute('data', Type.Unknown({
    description: 'Any JSON value; stored and delivered byte for byte as posted'
  })),
  priority: attribute('priority', Type.Optional(PrioritySchema)),
  organizationId: attribute('organizationid', Type.Optional(Type.String({ minLength: 1, maxLength: 256 }))),
  id: attribute('id', Type.Optional(Type.String({
    minLength: 1,
    maxLength: 256,
    description:
      'Chosen by the producer; a second post with the same id is the same event. If it is absent, the service ' +
      'generates one from the place of the event and a digest that cannot be guessed'
  }))),
  occurredAt: attribute('time', Type.Optional(Type.String({
    format: 'date-time', description: 'When it happened, RFC 3339'
  }))),
  expiresAt: attribute('expirytime', Type.Optional(Type.String({
    format: 'date-time',
    description:
      'The deadline, RFC 3339: the event is not delivered later. It is refused if it would wait for longer, and expires ' +
      'if a worker comes too late'
  }))),
  sampleKey: attribute('samplekey', Type.Optional(Type.String({
    minLength: 1,
    maxLength: 256,
    description:
      'Names what belongs together, such as a session: under pressure all its events are kept or none of them; the id ' +
      'if it is absent'
  })))
}, { additionalProperties: false })

export type EventInput = Static<typeof EventInputSchema>

/**
 * The fields that Spillway assigns. They are stored with the event and travel with it everywhere. A field that a
 * producer may post and Spillway may change needs a line in both schemas, or its change is lost.
 */
export const EnvelopeSchema = Type.Object({
  id: Type.String({ description: 'As posted, else the place of the event; empty until its batch gives it that' }),
  priority: PrioritySchema,
  receivedAt: Type.String({ description: 'When the API accepted the event, RFC 3339' }),
  ceiling: Type.Optional(Type.Integer({
    description:
      'The best priority that its key may give: events that rules emit because of it get no better one. Absent for an ' +
      'event without a key'
  })),
  attributes: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
    description: 'Attributes of a CloudEvent that are no field (source, subject, extensions …), kept for delivery'
  })),
  attempt: attribute('attempt', Type.Optional(Type.Integer({
    description: 'The number of the next run; absent means the first'
  }))),
  deferrals: Type.Optional(Type.Object({ count: Type.Integer(), sinceMs: Type.Number() }, {
    description: 'How often the consumer deferred the event without an attempt, and since when, milliseconds since 1970'
  })),
  sampleWeight: attribute('sampleweight', Type.Optional(Type.Number({
    description: 'Events that it stands for, as one of a sample kept under pressure; absent means that it was no sample'
  }))),
  completedSteps: Type.Optional(Type.Array(Type.String(), {
    description: 'Handlers and actions that succeeded in earlier attempts and are not run again'
  })),
  hops: Type.Optional(Type.Integer({
    description: 'How many rules in a row emitted this event; bounds loops of rules that feed each other'
  })),
  trace: Type.Optional(TraceContextSchema)
})

export type Envelope = Static<typeof EnvelopeSchema>

export type CloudEventAttributes = NonNullable<Envelope['attributes']>

/** An event in a batch. The value of its payload is undefined if it has none, as in a CloudEvent without data. */
export type QueuedEvent = EventInput & Envelope & {
  /** The posted text of the payload, which is delivered; absent if JSON.stringify yields the same from the value. */
  payloadText?: string
}
