import { Type } from '@sinclair/typebox'
import { secret, secretFile } from '../key-types.ts'

/** Keys that say who may post events and who is an operator. */
export const accessKeys = {
  ADMIN_TOKEN: Type.Optional(secret(
    16,
    'Token of operators, sent as bearer token or as password; if unset, everybody who reaches the port ' +
    'is an operator'
  )),
  ADMIN_TOKEN_FILE: secretFile('ADMIN_TOKEN'),
  API_KEYS_FILE: Type.Optional(Type.String({
    minLength: 1, description: 'File of API keys, a JSON array; watched, and its keys also work while Redis is away'
  })),
  ALLOW_ANONYMOUS_PRODUCERS: Type.Boolean({
    default: false,
    description: 'Whether a service beyond loopback may start without any key, so that everybody can post events'
  }),
  KEY_MAX_REQUESTS: Type.Integer({
    default: 1_000, minimum: 1, maximum: 1_000_000, description: 'Most requests of one API key in flight in a process'
  }),
  KEY_MAX_STREAMS: Type.Integer({
    default: 64, minimum: 1, maximum: 100_000, description: 'Most open NDJSON streams of one API key in a process'
  }),
  JOB_BROWSER: Type.Union([Type.Literal('off'), Type.Literal('read-only'), Type.Literal('read-write')], {
    default: 'read-only',
    description: 'Rights of operators on the page /admin/queues: none, look, or also pause and resume'
  })
}
