import { Type } from '@fastify/type-provider-typebox'
import { problemResponse } from '../../../../services/problem/problem-schema.ts'
import { KeyListSchema } from '../../../../services/producer/key-list.ts'
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
  ...ShownKeySchema.properties,
  key: Type.String({ description: 'The key; it is shown once, and stored nowhere' }),
  warning: Type.Optional(Type.String({ description: 'Present if nobody can operate the service now: the ways out' }))
})

export const RotationSchema = Type.Object({
  graceSeconds: Type.Optional(Type.Integer({
    minimum: 0,
    maximum: MOST_GRACE_SECONDS,
    default: DEFAULT_GRACE_SECONDS,
    description:
      'How long the present secret counts besides the new one. If the secret before it counts still, that one ends; ' +
      'without graceSeconds such a rotation is refused'
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
  description:
    'In the order of their ids. A page may hold fewer than `limit` keys and still have a `next` cursor. A key that is ' +
    'bound to an organization lists the keys of that organization.',
  querystring: KeyListSchema,
  response: {
    200: Type.Object({
      keys: Type.Array(ShownKeySchema),
      next: Type.Optional(Type.String({ description: 'The cursor of the next page; absent at the end' }))
    }, { description: 'A page of keys, without secrets.' }),
    400: problemResponse('The query is invalid; `errors` names every wrong field.'),
    503: away
  }
}

export const createKeySchema = {
  tags,
  operationId: 'createKey',
  summary: 'Create an API key, in force on every replica within two seconds',
  body: KeyOrderSchema,
  response: {
    201: { ...MadeKeySchema, description: 'The new key.' },
    400: invalid,
    409: problemResponse('There are too many keys, or too long ones; `reason` names the bound.'),
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
    409: problemResponse('The key comes from API_KEYS_FILE, or the secret before the present one counts still.'),
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
