import { Type, type Static } from '@sinclair/typebox'
import { EventInputSchema, type EventInput } from './event.ts'
import { memberText } from './json-text.ts'
import type { FieldError } from './field-error.ts'
import { quoted } from './quoted.ts'
import { illFormed } from './well-formed.ts'

export const TELEMETRY_TYPE = 'telemetry-data'

const MAX_NAME_LENGTH = 256

/** Most variables of a reading. */
const MOST_VARIABLES = 1_000

const IDENTIFYING = ['deviceId', 'sensorId', 'organizationId', 'id'] as const

const Name = Type.String({ minLength: 1, maxLength: MAX_NAME_LENGTH })
const Value = Type.Union([Type.Number(), Type.String({ maxLength: 4096 }), Type.Boolean(), Type.Null()])

/** A reading of a sensor or device: its ids, its variables with their values, and its time. */
export const DatastreamSchema = Type.Object({
  deviceId: Type.Optional(Name),
  sensorId: Type.Optional(Name),
  values: Type.Record(Type.String(), Value, {
    additionalProperties: false,
    minProperties: 1,
    maxProperties: MOST_VARIABLES,
    description: 'Variable names with their values, for example {"temperature": 21.5}'
  }),
  time: Type.Optional(Type.String({ format: 'date-time', description: 'RFC 3339' })),
  expiresAt: EventInputSchema.properties.expiresAt,
  organizationId: Type.Optional(Name),
  id: Type.Optional(Name)
}, {
  additionalProperties: false,
  description: 'Names a deviceId, a sensorId or both'
})

export type Datastream = Static<typeof DatastreamSchema>

/**
 * Returns errors that the schema cannot express: a reading needs a deviceId or sensorId, names of bounded length, and
 * ids in well-formed Unicode.
 */
export function datastreamErrors (reading: Datastream): FieldError[] {
  const { deviceId, sensorId, values } = reading
  const isFromNowhere = deviceId === undefined && sensorId === undefined
  const badNames = Object.keys(values).filter((name) => name === '' || name.length > MAX_NAME_LENGTH)
  return [
    ...illFormed(reading, IDENTIFYING),
    ...isFromNowhere ? [{ field: 'deviceId', message: 'Expected a deviceId, a sensorId or both' }] : [],
    ...badNames.map((name) => ({
      field: quoted(`values.${name}`),
      message: `Expected a name of 1 to ${MAX_NAME_LENGTH} characters`
    }))
  ]
}

/** Fields of a reading that form its payload, in order. */
const PAYLOAD_FIELDS = ['deviceId', 'sensorId', 'values', 'time'] as const

/** Returns the payload of a reading as JSON, with the posted text of its fields. */
export function datastreamPayloadText (reading: string): string {
  const members = PAYLOAD_FIELDS.flatMap((name) => {
    const text = memberText(reading, name)
    return text === undefined ? [] : [`"${name}":${text}`]
  })
  return `{${members.join(',')}}`
}

/** A reading becomes a `telemetry-data` event whose payload is the reading itself. */
export function fromDatastream (reading: Datastream): EventInput {
  const { deviceId, sensorId, values, time, expiresAt, organizationId, id } = reading
  return {
    type: TELEMETRY_TYPE,
    payload: {
      ...(deviceId !== undefined && { deviceId }),
      ...(sensorId !== undefined && { sensorId }),
      values,
      ...(time !== undefined && { time })
    },
    ...(time !== undefined && { occurredAt: time }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(organizationId !== undefined && { organizationId }),
    ...(id !== undefined && { id })
  }
}
