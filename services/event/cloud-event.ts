import { Type, type Static } from '@sinclair/typebox'
import type { FieldError } from './field-error.ts'
import { attributeText, WHOLE_NUMBER } from './attribute-header.ts'
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

/** Most members of a CloudEvent, including `data`. Real ones have a few dozen at most. */
export const MOST_ATTRIBUTES = 100
const MOST_ATTRIBUTE_CHARACTERS = 4096

const PLAIN_JSON = 'application/json'

/** A media type (RFC 2046), and one of JSON (JSON event format, section 3.1), with or without parameters. */
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+[ \t]*(?:;.*)?$/
const JSON_TYPE = /^[^;]*[/+]json[ \t]*(?:;.*)?$/i

/** Attributes that have a field in every event. */
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
  // Parsing may round a number, and the consumer would get another one. CloudEvents allow only integers of 32 bits.
  additionalProperties: Type.Union([
    Type.String({ maxLength: MOST_ATTRIBUTE_CHARACTERS }),
    Type.Number({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
    Type.Boolean()
  ])
})

export type CloudEvent = Static<typeof CloudEventSchema>

/** Returns errors that the schema cannot express: invalid names and texts of attributes, and data that is not JSON. */
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

/** Refuses text and XML: they would be delivered as JSON strings under the wrong content type. */
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

/** Maps a CloudEvent to an event; attributes without a field are kept for delivery. */
export function fromCloudEvent (cloudEvent: CloudEvent): EventInput & Pick<Envelope, 'attributes'> {
  const { id, type, data } = cloudEvent
  const members: Readonly<Record<string, unknown>> = cloudEvent
  const attributes: CloudEventAttributes = {}
  const event: Record<string, unknown> = { id, type, payload: data, attributes }
  for (const { field, attribute } of FURTHER) {
    if (members[attribute] !== undefined) event[field] = members[attribute]
  }
  // A loop by name: a copy of all other attributes costs twice as much.
  for (const name in members) if (!NOT_KEPT.has(name)) attributes[name] = members[name] as never
  return event as EventInput & Pick<Envelope, 'attributes'>
}

/** Members that are fields of the event, or that follow from its data. */
const NOT_KEPT: ReadonlySet<string> = new Set([
  'specversion', 'datacontenttype', ...POSTED_ATTRIBUTES.map(({ attribute }) => attribute)
])

/**
 * Builds the JSON form of a CloudEvent in binary mode: attributes from the `ce-*` headers, data from the body. Other
 * headers are ignored.
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
    cloudEvent[attribute] = INTEGERS.has(attribute) && WHOLE_NUMBER.test(text) ? Number(text) : text
  }
  return cloudEvent
}

/** Attributes with numeric headers. */
const INTEGERS: ReadonlySet<string> = new Set(
  POSTED_ATTRIBUTES.filter(({ schema }) => schema.type === 'integer').map(({ attribute }) => attribute)
)

/** The source of an event that was not posted as a CloudEvent. */
const DEFAULT_SOURCE = '/spillway'

/** Attributes that every delivered event has; the code checks for the others one by one. */
const ALWAYS: ReadonlySet<string> = new Set([...MAIN, 'time', 'priority', 'attempt'])

const LOOKED_FOR = DELIVERED_ATTRIBUTES
  .filter(({ attribute }) => !ALWAYS.has(attribute))
  .map(({ field, attribute }) => ({ field, prefix: `,"${attribute}":` }))

/**
 * Attributes that Spillway sets: a producer's text under these names is not delivered, even if Spillway sets none.
 * `datacontenttype` follows from the data.
 */
const RESERVED: ReadonlySet<string> = new Set([
  'source', ...NOT_KEPT, ...DELIVERED_ATTRIBUTES.map(({ attribute }) => attribute)
])

/** Attributes of the extension for distributed tracing; the trace of the event replaces them. */
const TRACING: ReadonlySet<string> = new Set(['traceparent', 'tracestate'])

/** Caches the last quoted text, which events of a batch often share. */
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
 * Returns the event for the consumer: a CloudEvent in the JSON format, with the payload byte for byte as posted. An
 * event without a payload has no data. Concatenating pieces costs half as much as serializing an object.
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

/** Returns the attributes that only the producer sets. Valid names need no escapes. */
function attributeMembers (attributes: CloudEventAttributes, isTraced: boolean): string {
  let members = ''
  for (const [name, value] of Object.entries(attributes)) {
    if (RESERVED.has(name) || (isTraced && TRACING.has(name)) || !ATTRIBUTE_NAME.test(name)) continue
    members += `,"${name}":${JSON.stringify(value)}`
  }
  return members
}
