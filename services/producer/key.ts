/*
 * The record of a key, as Redis and a key file hold it. It never has the secret, only its SHA-256. While a key is
 * rotated, the digest of its former secret counts too, until a stated time.
 */
import { Type, type Static } from '@sinclair/typebox'
import { HIGHEST_PRIORITY } from '../admission/priority-class.ts'
import { PrioritySchema } from '../event/event.ts'
import { epochMsOf } from '../event/expiry.ts'
import { decoder, wrong, type Decoded } from '../schema/decode.ts'
import { KEY_ID_PATTERN } from './key-text.ts'
import { SCOPES, type Producer, type Scope } from './producer.ts'
import { stampOf } from './stamp.ts'

const MOST_TYPES = 1_000

/** Most bytes of all types of a key: each replica keeps them, and fetches them after a change of any key. */
const MOST_TYPES_BYTES = 16_384

/** The fields that an order for a key names. */
const RIGHTS = {
  organizationId: Type.Optional(Type.String({
    minLength: 1,
    maxLength: 256,
    description: 'The organization of its events, and of all that it sees; only a key without scope ingest may have none'
  })),
  name: Type.String({ minLength: 1, maxLength: 128, description: 'Names the key for people, and in the log' }),
  scopes: Type.Array(Type.Union(SCOPES.map((scope) => Type.Literal(scope))), {
    minItems: 1,
    uniqueItems: true,
    description: 'Rights: ingest posts events, read shows what is stored and measured, admin operates the service'
  }),
  bestPriority: Type.Optional({
    ...PrioritySchema, description: 'The ceiling: its events may have this priority or a lower one; 1 by default'
  } as typeof PrioritySchema),
  types: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
    minItems: 1,
    maxItems: MOST_TYPES,
    uniqueItems: true,
    description: `The types that it may post, ${MOST_TYPES_BYTES} bytes in all; all types by default`
  })),
  expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'The end of its validity, RFC 3339' }))
}

/** An order for a key. */
export const KeyOrderSchema = Type.Object(RIGHTS, { additionalProperties: false })

const Digest = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'The SHA-256 of the key in hexadecimal' })

export const KeyRecordSchema = Type.Object({
  id: Type.String({ pattern: `^${KEY_ID_PATTERN}$` }),
  ...RIGHTS,
  sha256: Digest,
  former: Type.Optional(Type.Object({ sha256: Digest, untilMs: Type.Integer() }, {
    additionalProperties: false, description: 'The digest before the last rotation, and until when it counts'
  })),
  createdAt: Type.Optional(Type.String({ format: 'date-time' })),
  rotatedAt: Type.Optional(Type.String({ format: 'date-time' }))
}, { additionalProperties: false })

export type KeyOrder = Static<typeof KeyOrderSchema>
export type KeyRecord = Static<typeof KeyRecordSchema>

const decodeOrderFields = decoder(KeyOrderSchema)
const decodeRecordFields = decoder(KeyRecordSchema)

/** Checks an order for a key, and names every wrong field. */
export function decodeKeyOrder (value: unknown): Decoded<KeyOrder> {
  return judged(decodeOrderFields(value))
}

/** Checks the record of a key. */
export function decodeKeyRecord (value: unknown): Decoded<KeyRecord> {
  return judged(decodeRecordFields(value))
}

const NAMELESS = wrong(
  'organizationId', 'Expected for a key with scope ingest: its events belong to an organization'
)

const TOO_LONG = wrong('types', `Expected at most ${MOST_TYPES_BYTES} bytes in all; leave types out to allow all`)

/** Judges what no schema can express. */
function judged<Value extends KeyOrder> (decoded: Decoded<Value>): Decoded<Value> {
  if (!decoded.ok) return decoded
  const { organizationId, scopes } = decoded.value
  // Events without an organization would share their identities with those of other keys.
  if (organizationId === undefined && scopes.includes('ingest')) return NAMELESS
  return typesBytes(decoded.value) > MOST_TYPES_BYTES ? TOO_LONG : decoded
}

/** Returns the bytes of all types that a key lists. */
export function typesBytes ({ types = [] }: Pick<KeyRecord, 'types'>): number {
  return types.reduce((bytes, type) => bytes + Buffer.byteLength(type), 0)
}

/** Returns the end of the validity of a key, milliseconds since 1970. */
export function expiryOfKey ({ expiresAt }: Pick<KeyRecord, 'expiresAt'>): number {
  return expiresAt === undefined ? Infinity : epochMsOf(expiresAt)
}

/** Returns the producer that a key stands for. */
export function producerOf ({
  id, name, organizationId, scopes, bestPriority = HIGHEST_PRIORITY, types
}: Pick<KeyRecord, 'id' | 'name' | 'organizationId' | 'scopes' | 'bestPriority' | 'types'>): Producer {
  return Object.freeze({
    id,
    name,
    organizationId,
    // An operator may also look.
    scopes: new Set<Scope>(scopes.includes('admin') ? [...scopes, 'read'] : scopes),
    isKey: true,
    bestPriority,
    types: types && new Set(types),
    stamp: organizationId === undefined ? undefined : stampOf(organizationId, bestPriority)
  })
}
