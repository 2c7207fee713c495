import { Type } from '@fastify/type-provider-typebox'
import { problemResponse } from '../../../../services/problem/problem-schema.ts'
import { KeyOrderSchema } from '../../../../services/producer/key.ts'

/** Longest time for which both secrets of a rotated key count. */
const MOST_GRACE_SECONDS = 2_592_000

/** A day: time to bring the new secret to every producer. */
export const DEFAULT_GRACE_SECONDS = 86_400

const ShownKeySchema = Type.Object({
  id: Type.String(),
  ...KeyOrderSchema.properties,
  source: Type.String({ description: 'redis, or file for a key of API_KEYS_FILE' }),
  createdAt: Type.Optional(Type.String({ format: 'date-time' })),
  rotatedAt: Type.Optional(Type.String({ format: 'date-time' })),
  formerUntil: Type.Optional(Type.String({
    format: 'date-time', description: 'Until then the secret before the last rotation counts too'
  })),
  lastUsedAt: Type.Optional(Type.String({ format: 'date-time', description: 'The minute of its last use' }))
})

const MadeKeySchema = Type.Object({
  ...ShownKeySchema.properties, key: Type.String({ description: 'The key; it is shown once, and stored nowhere' })
})

export const RotationSchema = Type.Object({
  graceSeconds: Type.Optional(Type.Integer({
    minimum: 0,
    maximum: MOST_GRACE_SECONDS,
    default: DEFAULT_GRACE_SECONDS,
    description: 'How long the present secret counts besides the new one'
  }))
}, { additionalProperties: false })

const tags = ['control']
const params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })
const away = problemResponse('Redis is out of reach, or others change the key at the same time; try again.')
const unknown = problemResponse('There is no such key.')
const fromFile = problemResponse('The key comes from API_KEYS_FILE; change the file.')
const invalid = problemResponse('The order is invalid; `errors` names every wrong field.')

export const listKeysSchema = {
  tags,
  operationId: 'listKeys',
  summary: 'List the API keys that this process knows',
  description: 'A key that is bound to an organization lists the keys of that organization.',
  response: { 200: Type.Object({ keys: Type.Array(ShownKeySchema) }, { description: 'The keys, without secrets.' }), 503: away }
}

export const createKeySchema = {
  tags,
  operationId: 'createKey',
  summary: 'Create an API key, in force on every replica within two seconds',
  body: KeyOrderSchema,
  response: {
    201: { ...MadeKeySchema, description: 'The new key.' },
    400: invalid,
    409: problemResponse('There are too many keys.'),
    413: problemResponse('The body is too large.'),
    415: problemResponse('The body is not JSON.'),
    503: away
  }
}

export const rotateKeySchema = {
  tags,
  operationId: 'rotateKey',
  summary: 'Give an API key another secret; the present one counts for a while',
  params,
  body: RotationSchema,
  response: {
    200: { ...MadeKeySchema, description: 'The key with its new secret.' },
    400: invalid,
    404: unknown,
    409: fromFile,
    413: problemResponse('The body is too large.'),
    415: problemResponse('The body is not JSON.'),
    503: away
  }
}

export const revokeKeySchema = {
  tags,
  operationId: 'revokeKey',
  summary: 'Revoke an API key, on every replica within two seconds',
  params,
  response: { 204: Type.Null({ description: 'The key is revoked.' }), 404: unknown, 409: fromFile, 503: away }
}
