import { Type, type Static } from '@sinclair/typebox'
import type { FieldError } from './field-error.ts'
import { attributeText } from './attribute-header.ts'
import { quoted } from './quoted.ts'
import { illFormedError, isIllFormed } from './well-formed.ts'
import { PrioritySchema, type CloudEventAttributes, type EventInput, type QueuedEvent } from './event.ts'

/** Names of context attributes are lower-case letters and digits (CloudEvents 1.0.2, section 3.1). */
const ATTRIBUTE_NAME = /^[a-z0-9]{1,64}$/

/** Most members of a CloudEvent, `data` included. Those of a real one fit on a screen. */
export const MOST_ATTRIBUTES = 100
const MOST_ATTRIBUTE_CHARACTERS = 4096

const PLAIN_JSON = 'application/json'

/** A media type (RFC 2046) and one of JSON (JSON event format, section 3.1), with parameters or without. */
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+[ \t]*(?:;.*)?$/
const JSON_TYPE = /^[^;]*[/+]json[ \t]*(?:;.*)?$/i

/** A CloudEvent 1.0 in its JSON form. `priority` and `organizationid` are extensions that Spillway understands. */
export const CloudEventSchema = Type.Object({
  specversion: Type.Literal('1.0'),
  id: Type.String({ minLength: 1, maxLength: 256 }),
  source: Type.String({ minLength: 1, maxLength: 2048 }),
  type: Type.String({ minLength: 1, maxLength: 256 }),
  time: Type.Optional(Type.String({ format: 'date-time' })),
  priority: Type.Optional(PrioritySchema),
  organizationid: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
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
    if (!ATTRIBUTE_NAME.test(name)) {
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
export function fromCloudEvent (cloudEvent: CloudEvent): EventInput & Pick<QueuedEvent, 'attributes'> {
  const { specversion: _version, id, type, time, priority, organizationid, datacontenttype: _contentType, data, ...attributes } = cloudEvent
  return {
    id,
    type,
    payload: data,
    attributes: attributes as CloudEventAttributes,
    ...(time !== undefined && { occurredAt: time }),
    ...(priority !== undefined && { priority }),
    ...(organizationid !== undefined && { organizationId: organizationid })
  }
}

/**
 * Builds the JSON form of a CloudEvent in binary mode: attributes from the `ce-*` headers, data from the body. Headers
 * that are no attribute are passed over.
 */
export function fromBinaryHeaders (headers: Readonly<Record<string, string | string[] | undefined>>, data: unknown): Record<string, unknown> {
  const cloudEvent: Record<string, unknown> = data === undefined ? {} : { data }
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('ce-') || typeof value !== 'string') continue
    const attribute = name.slice('ce-'.length)
    if (attribute === 'data' || attribute === 'data_base64') continue
    const text = attributeText(value)
    cloudEvent[attribute] = attribute === 'priority' && /^\d+$/.test(text) ? Number(text) : text
  }
  return cloudEvent
}
