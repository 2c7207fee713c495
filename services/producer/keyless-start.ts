import type { ApiPort } from '../connections/api-port.ts'
import type { Config } from '../config/schema.ts'

const KEYS =
  'API_KEYS_FILE to a file of API keys, which `npx spillway keys create --file` makes, or JWT_JWKS_URL to the key set ' +
  'of an identity provider'

/** Why a service without a key must not start, and what to do about it. */
export interface KeylessStart {
  readonly problem: string
  readonly remedy: string
}

type Keys = Pick<Config, 'HOST' | 'ADMIN_HOST' | 'ADMIN_TOKEN'>

/**
 * Returns why a service that has no key must not start: everybody in the network could post events, or nobody could
 * operate it. Undefined if it may.
 *
 * @param isOpen whether a port accepts requests without a key
 */
export function keylessStart (
  { HOST, ADMIN_HOST, ADMIN_TOKEN }: Keys, hasAdminPort: boolean, isOpen: (port: ApiPort) => boolean
): KeylessStart | undefined {
  if (!isOpen('main')) {
    return {
      problem: `HOST=${HOST} is beyond loopback, and there is no API key`,
      remedy: `set ${KEYS}, or ALLOW_ANONYMOUS_PRODUCERS=true to let everybody who reaches the port post events`
    }
  }
  // No producer posts to ADMIN_PORT, so the token of operators suffices there.
  if (!hasAdminPort || isOpen('admin') || ADMIN_TOKEN !== undefined) return undefined
  return {
    problem:
      `ADMIN_HOST=${ADMIN_HOST} is beyond loopback, and there is neither ADMIN_TOKEN nor an API key, so nobody could ` +
      'use ADMIN_PORT',
    remedy:
      `set ADMIN_TOKEN, or ${KEYS}, or ALLOW_ANONYMOUS_PRODUCERS=true, which also lets everybody who reaches ` +
      'ADMIN_PORT operate the service'
  }
}
