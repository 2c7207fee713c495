import { Type, type Static } from '@sinclair/typebox'
import type { FieldError } from './field-error.ts'
import { attributeText } from './attribute-header.ts'
import { quoted } from './quoted.ts'
import { payloadTextOf } from './event-json.ts'
import {
  EventInputSchema, type CloudEventAttributes, type Envelope, type EventInput, type QueuedEvent
} from './event.ts'
import { DELIVERED_ATTRIBUTES, POSTED_ATTRIBUTES } from './fields.ts'
import { illFormedError, isIllFormed } from './well-formed.ts'

/** Names of context attributes are lower-case letters and digits (CloudEvents 1.0.2, section 3.1). */
const ATTRIBUTE_NAME = /^[a-z0-9]+$/
const MOST_NAME_CHARACTERS = 64

/** Most members of a CloudEvent, `data` included. Those of a real one fit on a screen. */
export const MOST_ATTRIBUTES = 100
const MOST_ATTRIBUTE_CHARACTERS = 4096

const PLAIN_JSON = 'application/json'

/** A media type (RFC 2046) and one of JSON (JSON event format, section 3.1), with parameters or without. */
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+[ \t]*(?:;.*)?$/
const JSON_TYPE = /^[^;]*[/+]json[ \t]*(?:;.*)?$/i

/** Attributes that every event has a place for. */
const MAIN: ReadonlySet<string> = new Set(['id', 'type', 'data'])

/** The other attributes that are fields of a posted event. */
const FURTHER = POSTED_ATTRIBUTES.filter(({ attribute }) => !MAIN.has(attribute))

/** A CloudEvent 1.0 in its JSON form, with the extensions that are fields of an event. */
export const CloudEventSchema = Type.Object({
  specversion: Type.Literal('1.0'),
  id: Type.String({ minLength: 1, maxLength: 256 }),
  source: Type.String({ minLength: 1, maxLength: 2048 }),
  type: EventInputSchema.properties.type,
  ...Object.fromEntries(FURTHER.map(({ attribute, schema }) => [attribute, schema])) as object,
  subject: Type.Optional(Type.String({ minLength: 1, maxLength: MOST_ATTRIBUTE_CHARACTERS })),
  dataschema: Type.Optional(Type.String({ minLength: 1, maxLength: MOST_ATTRIBUTE_CHARACTERS })),
  datacontenttype: Type.Optional(Type.String({
    minLength: 1,
    maxLength: MOST_ATTRIBUTE_CHARACTERS,
    description:
      'A media type of JSON if there is data, which is stored and delivered as JSON: application/json or a type ' +
      'that ends in +json, in any case and with any parameters'
  })),
  data: Type.Optional(Type.Unknown())
}, {
  // A number that parsing rounds would be delivered as another one, so it is refused; CloudEvents allow integers of 32
  // bits only.
  additionalProperties: Type.Union([
    Type.String({ maxLength: MOST_ATTRIBUTE_CHARACTERS }),
    Type.Number({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
    Type.Boolean()
  ])
})

export type CloudEvent = Static<typeof CloudEventSchema>

/** Names what the schema cannot: attributes whose names or texts may not be, and data that is not JSON. */
export function cloudEventErrors (cloudEvent: CloudEvent): FieldError[] {
  return Object.keys(cloudEvent).flatMap((name): FieldError[] => {
    if (name === 'data_base64') return [{ field: name, message: 'Binary data is not supported; post JSON in data' }]
    if (name === 'datacontenttype') return contentTypeErrors(cloudEvent)
    if (name.length > MOST_NAME_CHARACTERS || !ATTRIBUTE_NAME.test(name)) {
      return [{ field: quoted(name), message: 'Attribute names are lower-case letters and digits' }]
    }
    return name !== 'data' && isIllFormed((cloudEvent as Record<string, unknown>)[name]) ? [illFormedError(name)] : []
  })
}

/** Text and XML would be delivered as JSON strings under a content type that they do not have; so they are refused. */
function contentTypeErrors ({ datacontenttype: type = PLAIN_JSON, data }: CloudEvent): FieldError[] {
  if (type === PLAIN_JSON) return []
  if (!MEDIA_TYPE.test(type)) {
    return [{ field: 'datacontenttype', message: 'Expected a media type such as application/json' }]
  }
  return data === undefined || JSON_TYPE.test(type) ? [] : [{ field: 'datacontenttype', message: ONLY_JSON }]
}

const ONLY_JSON =
  'Only JSON data is supported; post the data as JSON, text as a JSON string, and set datacontenttype to ' +
  'application/json or a type that ends in +json, or leave it out'

/** Maps a CloudEvent to an event; attributes that Spillway has no field for are kept for delivery. */
export function fromCloudEvent (cloudEvent: CloudEvent): EventInput & Pick<Envelope, 'attributes'> {
  const { id, type, data } = cloudEvent
  const members: Readonly<Record<string, unknown>> = cloudEvent
  const attributes: CloudEventAttributes = {}
  const event: Record<string, unknown> = { id, type, payload: data, attributes }
  for (const { field, attribute } of FURTHER) {
    if (members[attribute] !== undefined) event[field] = members[attribute]
  }
  // By name, since a copy of all attributes but these costs twice as much.
  for (const name in members) if (!NOT_KEPT.has(name)) attributes[name] = members[name] as never
  return event as EventInput & Pick<Envelope, 'attributes'>
}

/** Members that are fields of the event, or that follow from its data. */
const NOT_KEPT: ReadonlySet<string> = new Set([
  'specversion', 'datacontenttype', ...POSTED_ATTRIBUTES.map(({ attribute }) => attribute)
])

/**
 * Builds the JSON form of a CloudEvent in binary mode: attributes from the `ce-*` headers, data from the body. Headers
 * that are no attribute are passed over.
 */
export function fromBinaryHeaders (
  headers: Readonly<Record<string, string | string[] | undefined>>, data: unknown
): Record<string, unknown> {
  const cloudEvent: Record<string, unknown> = data === undefined ? {} : { data }
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('ce-') || typeof value !== 'string') continue
    const attribute = name.slice('ce-'.length)
    if (attribute === 'data' || attribute === 'data_base64') continue
    const text = attributeText(value)
    cloudEvent[attribute] = INTEGERS.has(attribute) && /^\d+$/.test(text) ? Number(text) : text
  }
  return cloudEvent
}

/** Attributes whose header is read as a number. */
const INTEGERS: ReadonlySet<string> = new Set(
  POSTED_ATTRIBUTES.filter(({ schema }) => schema.type === 'integer').map(({ attribute }) => attribute)
)

/** Source of an event that was not posted as a CloudEvent and so names none. */
const DEFAULT_SOURCE = '/spillway'

/** Attributes that every delivered event has; the others are looked for one by one. */
const ALWAYS: ReadonlySet<string> = new Set([...MAIN, 'time', 'priority', 'attempt'])

const LOOKED_FOR = DELIVERED_ATTRIBUTES
  .filter(({ attribute }) => !ALWAYS.has(attribute))
  .map(({ field, attribute }) => ({ field, prefix: `,"${attribute}":` }))

/**
 * Attributes that Spillway speaks for: the text that a producer put under these names is not passed on, even where they
 * are absent. `datacontenttype` follows from the data.
 */
const RESERVED: ReadonlySet<string> = new Set([
  'source', ...NOT_KEPT, ...DELIVERED_ATTRIBUTES.map(({ attribute }) => attribute)
])

/** Attributes of the extension for distributed tracing: where the event has a trace, that is what they say. */
const TRACING: ReadonlySet<string> = new Set(['traceparent', 'tracestate'])

/** Quotes a text once for all events of a batch that have it in common. */
function quoting (): (text: string) => string {
  let last = ''
  let json = '""'
  return (text) => {
    if (text !== last) {
      last = text
      json = JSON.stringify(text)
    }
    return json
  }
}

const quotedSource = quoting()
const quotedType = quoting()
const quotedTime = quoting()

/**
 * The event as the consumer gets it: a CloudEvent in the JSON format, with the payload byte for byte as it was posted.
 * One without a payload has no data. It is put together piece by piece: to write an object costs as much again as all
 * the rest of it.
 */
export function cloudEventJson (event: QueuedEvent): string {
  const { id, type, priority, occurredAt, receivedAt, attributes, attempt = 1, trace } = event
  const posted = attributes?.source
  const source = typeof posted === 'string' && posted !== '' ? posted : DEFAULT_SOURCE
  const data = payloadTextOf(event)
  return `{"specversion":"1.0","id":${JSON.stringify(id)},"source":${quotedSource(source)}` +
    `,"type":${quotedType(type)},"time":${quotedTime(occurredAt ?? receivedAt)}` +
    `,"priority":${priority},"attempt":${attempt}` +
    fieldMembers(event) +
    (attributes === undefined ? '' : attributeMembers(attributes, trace !== undefined)) +
    (trace === undefined ? '' : `,${JSON.stringify(trace).slice(1, -1)}`) +
    (data === undefined ? '}' : `,"datacontenttype":"application/json","data":${data}}`)
}

function fieldMembers (event: QueuedEvent): string {
  let members = ''
  for (const { field, prefix } of LOOKED_FOR) {
    const value = event[field]
    if (value !== undefined) members += prefix + JSON.stringify(value)
  }
  return members
}

/** The attributes that only the producer speaks for. A name that may be one needs no escapes. */
function attributeMembers (attributes: CloudEventAttributes, isTraced: boolean): string {
  let members = ''
  for (const [name, value] of Object.entries(attributes)) {
    if (RESERVED.has(name) || (isTraced && TRACING.has(name)) || !ATTRIBUTE_NAME.test(name)) continue
    members += `,"${name}":${JSON.stringify(value)}`
  }
  return members
}
