import { Type } from '@sinclair/typebox'
import { bytes, milliseconds, secret, secretFile } from '../key-types.ts'
import { NODES_ALLOWED } from '../redis-nodes.ts'

/** Keys of Redis, separate or embedded, and of the folder of files. */
export const redisKeys = {
  DATA_DIR: Type.String({
    default: './data',
    minLength: 1,
    description:
      'Folder of the files of the embedded Redis, of the spool in spool-<NAMESPACE>, and of recorded arrivals in ' +
      'arrivals-<NAMESPACE>'
  }),
  REDIS_URL: Type.Optional(Type.String({
    pattern: '^(rediss?|unix)://',
    allowed: 'URL that begins with redis://, rediss:// or unix://',
    description:
      'redis://, rediss:// or unix://user:password@/path/redis.sock?db=2, each part percent-encoded; unset starts an ' +
      'embedded Redis'
  })),
  REDIS_URL_FILE: secretFile('REDIS_URL'),
  REDIS_CA_FILE: Type.Optional(Type.String({
    minLength: 1, description: 'PEM file of the authority that signs the certificate of Redis, besides the usual ones'
  })),
  REDIS_CERT_FILE: Type.Optional(Type.String({
    minLength: 1, description: 'PEM file of the certificate that Spillway shows to Redis'
  })),
  REDIS_KEY_FILE: Type.Optional(Type.String({ minLength: 1, description: 'PEM file of the key of REDIS_CERT_FILE' })),
  REDIS_SENTINELS: Type.Optional(Type.String({
    minLength: 1,
    allowed: NODES_ALLOWED,
    description:
      'Sentinels that know the master, each host:port, separated by commas; of REDIS_URL only the scheme, user, ' +
      'password and database count then'
  })),
  REDIS_SENTINEL_NAME: Type.String({
    default: 'mymaster', minLength: 1, description: 'Name by which REDIS_SENTINELS know the master'
  }),
  REDIS_SENTINEL_PASSWORD: Type.Optional(secret(1, 'Password of REDIS_SENTINELS, if they require one')),
  REDIS_SENTINEL_PASSWORD_FILE: secretFile('REDIS_SENTINEL_PASSWORD'),
  REDIS_CLUSTER_NODES: Type.Optional(Type.String({
    minLength: 1,
    allowed: NODES_ALLOWED,
    description:
      'Some nodes of a Redis Cluster, each host:port, separated by commas; of REDIS_URL only the scheme, user and ' +
      'password count then, and it may be unset'
  })),
  REDIS_SYNC_REPLICAS: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 100,
    description: 'Replicas of Redis that must have an event before it counts as synced'
  }),
  NAMESPACE: Type.String({
    default: 'spillway',
    pattern: '^[A-Za-z0-9._-]{1,64}$',
    allowed: '1 to 64 characters out of A to Z, a to z, 0 to 9, dot, underscore and hyphen',
    description:
      'Name of the service: processes with the same one share a queue, and all of its keys in Redis begin with it'
  }),
  QUEUE_SHARDS: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 64,
    description:
      'Parts of the queue, each with a hash slot of its own in Redis; the highest number of all running processes counts'
  }),
  REDIS_COMMAND_TIMEOUT_MS: milliseconds(
    1_000,
    100,
    60_000,
    'How long Redis may take for an answer; time in which this process stood still does not count'
  ),
  REDIS_MAXMEMORY_BYTES: bytes('maxmemory of the embedded Redis', '0.4 of the memory of the machine or container'),
  REDIS_APPENDFSYNC: Type.Union([Type.Literal('always'), Type.Literal('everysec')], {
    default: 'always',
    description: 'When the embedded Redis writes to disk'
  })
}
