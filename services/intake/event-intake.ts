/*
 * Turns posted events of all forms into queued events. All checks happen before an event is stored, and values are
 * neither coerced nor stripped.
 */
import type { Static, TSchema } from '@sinclair/typebox'
import { TypeCompiler, type TypeCheck } from '@sinclair/typebox/compiler'
import { CloudEventSchema, cloudEventErrors, fromCloudEvent, MOST_ATTRIBUTES } from '../event/cloud-event.ts'
import { DatastreamSchema, datastreamErrors, datastreamPayloadText, fromDatastream } from '../event/datastream.ts'
import { EventInputSchema, type Envelope, type EventInput, type QueuedEvent } from '../event/event.ts'
import { copyFields, POSTED_FIELDS } from '../event/fields.ts'
import { MOST_ERRORS, type FieldError } from '../event/field-error.ts'
import { idempotencyDigest } from '../event/idempotency-key.ts'
import type { IntakeContext } from './request-head.ts'
import { memberText } from '../event/json-text.ts'
import type { PriorityMap } from '../event/priority-map.ts'
import { isRecord } from '../event/record.ts'
import { hasMoreMembers, schemaErrors } from '../event/schema-errors.ts'
import { stamped } from '../producer/stamp.ts'
import { traceContext } from '../event/trace-context.ts'
import { illFormed } from '../event/well-formed.ts'
import '../schema/formats.ts'

/** An event with its digest, if it has one, and its text, if it is stored unchanged; or the errors. */
export type Intake = { ok: true, event: QueuedEvent, key: string | undefined, text?: string | undefined } | {
  ok: false,
  errors: FieldError[]
}

/** One form of posted events: its schema, checks that the schema cannot express, and the conversion to an event. */
interface Form<Schema extends TSchema> {
  check: TypeCheck<Schema>
  furtherErrors: (input: Static<Schema>) => readonly FieldError[]
  toEvent: (input: Static<Schema>) => EventInput & Pick<Envelope, 'attributes'>
}

const IDENTIFYING = ['type', 'id', 'organizationId', 'sampleKey'] as const

/** The optional fields of an event that are copied as posted. */
const FURTHER_FIELDS = POSTED_FIELDS.filter((name) => !['id', 'type', 'payload', 'priority'].includes(name))

const EVENT: Form<typeof EventInputSchema> = {
  check: TypeCompiler.Compile(EventInputSchema),
  furtherErrors: (event) => illFormed(event, IDENTIFYING),
  toEvent: (event) => event
}
const CLOUD_EVENT: Form<typeof CloudEventSchema> = {
  check: TypeCompiler.Compile(CloudEventSchema), furtherErrors: cloudEventErrors, toEvent: fromCloudEvent
}
const DATASTREAM: Form<typeof DatastreamSchema> = {
  check: TypeCompiler.Compile(DatastreamSchema), furtherErrors: datastreamErrors, toEvent: fromDatastream
}

export class EventIntake {
  readonly #priorities: PriorityMap
  readonly #remembersEvents: boolean

  /** @param remembersEvents whether events get digests, which identify repetitions */
  constructor (priorities: PriorityMap, remembersEvents: boolean) {
    this.#priorities = priorities
    this.#remembersEvents = remembersEvents
  }

  /** Accepts Spillway's own form, `{type, payload, …}`; `text` is the same as JSON. */
  event (input: unknown, context: IntakeContext, text?: string): Intake {
    const whole = context.type === undefined ? input : withType(input, context.type)
    if (whole === input) return this.#take(EVENT, input, context, undefined, text)
    return this.#take(EVENT, whole, context, text && memberText(text, 'payload'))
  }

  /** Accepts a CloudEvent 1.0 in its JSON form; `dataText` is its data as JSON. */
  cloudEvent (input: unknown, context: IntakeContext, dataText?: string): Intake {
    if (isRecord(input) && hasMoreMembers(input, MOST_ATTRIBUTES)) return TOO_MANY_ATTRIBUTES
    return this.#take(CLOUD_EVENT, withoutNulls(input), context, dataText)
  }

  /** Accepts a reading, which becomes a `telemetry-data` event; `text` is the same as JSON. */
  datastream (input: unknown, context: IntakeContext, text?: string): Intake {
    return this.#take(DATASTREAM, input, context, text && datastreamPayloadText(text))
  }

  /** @param text the input as JSON, if it is stored unchanged */
  #take<Schema extends TSchema> (
    { check, furtherErrors, toEvent }: Form<Schema>,
    input: unknown,
    context: IntakeContext,
    payloadText: string | undefined,
    text?: string
  ): Intake {
    if (!check.Check(input)) return { ok: false, errors: schemaErrors(check, input) }
    const errors = furtherErrors(input)
    if (errors.length > 0) return { ok: false, errors: errors.slice(0, MOST_ERRORS) }
    const posted = toEvent(input)
    const { id, type, payload, priority, attributes } = posted
    const event: QueuedEvent = {
      id: id ?? '',
      type,
      payload,
      priority: this.#priorities.resolve({ header: context.priority, own: priority, type }),
      receivedAt: context.receivedAt
    }
    if (payloadText !== undefined) event.payloadText = payloadText
    copyFields(posted, FURTHER_FIELDS, event)
    if (attributes !== undefined) event.attributes = attributes
    const trace = attributes === undefined
      ? context.trace
      : traceContext(attributes.traceparent, attributes.tracestate) ?? context.trace
    if (trace !== undefined) event.trace = trace
    const { idempotencyKey, producer: { stamp } } = context
    const source = attributes?.source as string | undefined
    // The organization of a key is that of its events, and its ceiling bounds what may follow from them.
    const storedText = stamp === undefined ? text : stamped(event, text, stamp)
    const identity = { organizationId: event.organizationId, ceiling: stamp?.ceiling, idempotencyKey, id, source }
    return { ok: true, event, key: this.#remembersEvents ? idempotencyDigest(identity) : undefined, text: storedText }
  }
}

/** A constant answer to a CloudEvent with too many attributes, so its cost does not depend on their number. */
const TOO_MANY_ATTRIBUTES: Intake = {
  ok: false, errors: [{ field: '', message: `Expected at most ${MOST_ATTRIBUTES} attributes` }]
}

function withType (input: unknown, type: string): unknown {
  return isRecord(input) && !('type' in input) ? { ...input, type } : input
}

/** An attribute with the value null counts as absent (CloudEvents JSON format, section 2.2). */
function withoutNulls (input: unknown): unknown {
  if (!isRecord(input) || !hasNull(input)) return input
  return Object.fromEntries(Object.entries(input).filter(([name, value]) => value !== null || name === 'data'))
}

/** Few events have one, and a copy costs more than a check. */
function hasNull (input: Record<string, unknown>): boolean {
  for (const name in input) if (input[name] === null && name !== 'data') return true
  return false
}
