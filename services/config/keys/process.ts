import { Type } from '@sinclair/typebox'

/** Keys of a process: its role, its address and its log. */
export const processKeys = {
  PORT: Type.Integer({ default: 3000, minimum: 0, maximum: 65535, description: 'Port of the API; 0 picks a free one' }),
  HOST: Type.String({
    default: '127.0.0.1',
    minLength: 1,
    description: 'Address to bind; loopback unless you say otherwise'
  }),
  ADMIN_PORT: Type.Optional(Type.Integer({
    minimum: 0,
    maximum: 65535,
    description:
      'Port of the routes for operators, metrics and pages, which PORT then no longer serves; 0 picks a free one; ' +
      'unset: PORT serves everything'
  })),
  ADMIN_HOST: Type.String({
    default: '127.0.0.1',
    minLength: 1,
    description: 'Address to bind for ADMIN_PORT; loopback unless you say otherwise, whatever HOST is'
  }),
  ROLE: Type.Union([Type.Literal('all'), Type.Literal('api'), Type.Literal('worker')], {
    default: 'all',
    description: 'Role of this process: API, worker or both'
  }),
  PROCESSES: Type.String({
    default: '1',
    pattern: '^(max|[1-9][0-9]?)$',
    allowed: 'integer from 1 to 99, or max',
    description: 'Processes of this role that share the ports; max: as many as the machine has cores'
  }),
  WORKER_PORT: Type.Integer({
    default: 3001,
    minimum: 0,
    maximum: 65535,
    description: 'Port of health and metrics in a process that is only a worker'
  }),
  MAX_CONNECTIONS: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 1_000_000,
    description: 'Most client connections at once; 0 derives it from the limit on open files, at most 16,384'
  }),
  LOG_LEVEL: Type.Union(
    (['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const).map((level) => Type.Literal(level)),
    { default: 'info', description: 'Least severe level that is logged' }
  )
}
