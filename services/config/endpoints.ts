import type { ConfigProblem } from './config-error.ts'
import { ConfigSchema, type Environment } from './schema.ts'

const DEFAULT_ADMIN_HOST: string = ConfigSchema.properties.ADMIN_HOST.default

/** An address to listen on, and the keys that set it. */
export interface Endpoint {
  readonly host: string
  readonly port: number
  readonly hostKey: 'HOST' | 'ADMIN_HOST'
  readonly portKey: 'PORT' | 'WORKER_PORT' | 'ADMIN_PORT'
}

type EndpointKeys = Pick<Environment, 'ROLE' | 'HOST' | 'PORT' | 'WORKER_PORT' | 'ADMIN_HOST' | 'ADMIN_PORT'>

/** Returns the addresses of a process. One that is only a worker has no ADMIN_PORT: WORKER_PORT has all of its routes. */
export function endpointsOf (
  { ROLE, HOST, PORT, WORKER_PORT, ADMIN_HOST, ADMIN_PORT }: EndpointKeys
): { main: Endpoint, admin: Endpoint | undefined } {
  if (ROLE === 'worker') {
    return { main: { host: HOST, port: WORKER_PORT, hostKey: 'HOST', portKey: 'WORKER_PORT' }, admin: undefined }
  }
  return {
    main: { host: HOST, port: PORT, hostKey: 'HOST', portKey: 'PORT' },
    admin: ADMIN_PORT === undefined
      ? undefined
      : { host: ADMIN_HOST, port: ADMIN_PORT, hostKey: 'ADMIN_HOST', portKey: 'ADMIN_PORT' }
  }
}

/**
 * Checks that ADMIN_PORT is a port of its own, if both ports are valid (`isReliable`), and that ADMIN_HOST is not set
 * alone (`isExplicit`) to another address than by default, which would not bind the routes for operators to it.
 */
export function endpointProblems (
  { PORT, ADMIN_HOST, ADMIN_PORT }: EndpointKeys,
  isReliable: (key: string) => boolean,
  isExplicit: (key: string) => boolean
): ConfigProblem[] {
  if (isExplicit('ADMIN_HOST') && ADMIN_HOST !== DEFAULT_ADMIN_HOST && !isExplicit('ADMIN_PORT')) {
    return [{ key: 'ADMIN_HOST', given: JSON.stringify(ADMIN_HOST), allowed: 'an address together with ADMIN_PORT' }]
  }
  // Each 0 picks a port of its own.
  if (!['PORT', 'ADMIN_PORT'].every(isReliable) || ADMIN_PORT !== PORT || PORT === 0) return []
  return [{ key: 'ADMIN_PORT', given: JSON.stringify(String(PORT)), allowed: `a port other than PORT (${PORT})` }]
}
