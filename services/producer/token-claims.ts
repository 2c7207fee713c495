/*
 * The rights that the claims of a verified token give. They become the same producer as those of a key, so each rule for
 * keys holds for tokens. A claim of the wrong form refuses the token: a right that cannot be read is no right.
 */
import { Type } from '@sinclair/typebox'
import type { FieldError } from '../event/field-error.ts'
import { decoder, wrong, type Decoded } from '../schema/decode.ts'
import { KeyOrderSchema, producerOf } from './key.ts'
import { SCOPES, type Producer } from './producer.ts'

/** The names of the claims that give rights. */
export interface ClaimNames {
  readonly organizationId: string
  readonly scopes: string
  readonly bestPriority: string
  readonly types: string
}

export interface TokenRightsOptions {
  claims: ClaimNames
  /** The ceiling of a token without one. */
  bestPriority: number
}

type Claims = Readonly<Record<string, unknown>>

const { organizationId, bestPriority, types } = KeyOrderSchema.properties

const decodeRights = decoder(Type.Object({
  subject: Type.String({ minLength: 1, maxLength: 256 }),
  issuer: Type.String(),
  organizationId,
  scopes: Type.Array(Type.String()),
  bestPriority,
  types
}))

/** Returns the producer that a verified token stands for, or each claim that gives no usable right. */
export function producerOfClaims (
  claims: Claims, { claims: names, bestPriority: usual }: TokenRightsOptions
): Decoded<Producer> {
  const given = valueOf(claims, names.scopes) ?? []
  if (typeof given !== 'string' && !Array.isArray(given)) return wrong(names.scopes, 'Expected text, or an array of texts')
  const decoded = decodeRights({
    subject: claims.sub,
    issuer: claims.iss,
    scopes: typeof given === 'string' ? given.split(' ') : given,
    ...named(claims, names, 'organizationId'),
    ...named(claims, names, 'bestPriority'),
    ...named(claims, names, 'types')
  })
  if (!decoded.ok) return { ok: false, errors: decoded.errors.map((error) => inClaims(error, names)) }
  const { subject, issuer, ...rights } = decoded.value
  const scopes = SCOPES.filter((scope) => rights.scopes.includes(scope))
  // As with keys: events without an organization would share their identities with those of others.
  if (rights.organizationId === undefined && scopes.includes('ingest')) {
    return wrong(names.organizationId, 'Expected for scope ingest: the events belong to an organization')
  }
  const id = `jwt:${subject}`
  const producer = producerOf({ id, name: id, bestPriority: usual, ...rights, scopes })
  return { ok: true, value: Object.freeze({ ...producer, issuer }) }
}

function valueOf (claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined
}

/** The value of a claim under the name of its right; nothing if the token has none. */
function named (claims: Claims, names: ClaimNames, right: keyof ClaimNames): object {
  const value = valueOf(claims, names[right])
  return value === undefined ? {} : { [right]: value }
}

/** Names the claim instead of the right: its sender knows only the claim. */
function inClaims ({ field, message }: FieldError, names: ClaimNames): FieldError {
  const [right = '', ...rest] = field.split('.')
  const own = right === 'subject' ? 'sub' : right === 'issuer' ? 'iss' : names[right as keyof ClaimNames]
  return { field: [own, ...rest].join('.'), message }
}
