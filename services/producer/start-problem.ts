import type { Config } from '../config/schema.ts'
import type { Authenticator } from './authenticator.ts'

const KEYS =
  'API_KEYS_FILE to a file of API keys, which `npx spillway keys create --file` makes, or JWT_JWKS_URL to the key set ' +
  'of an identity provider'
const WAYS_OUT = `set ${KEYS}, or ALLOW_ANONYMOUS_PRODUCERS=true to let everybody who reaches the port post events`

/** Returns why a process without any key may not accept requests; undefined if it may. */
export function startProblem (
  authenticator: Pick<Authenticator, 'isOpen'>,
  { HOST, ADMIN_HOST, ADMIN_TOKEN }: Pick<Config, 'HOST' | 'ADMIN_HOST' | 'ADMIN_TOKEN'>, hasAdminPort: boolean
): string | undefined {
  if (!authenticator.isOpen('main')) {
    return `HOST=${HOST} is beyond loopback, and there is no API key: ${WAYS_OUT}`
  }
  // No producer posts to ADMIN_PORT, so the token of operators suffices there.
  if (!hasAdminPort || authenticator.isOpen('admin') || ADMIN_TOKEN !== undefined) return undefined
  return `ADMIN_HOST=${ADMIN_HOST} is beyond loopback, and there is neither ADMIN_TOKEN nor an API key, so nobody ` +
    `could use ADMIN_PORT: set ADMIN_TOKEN, or ${KEYS}, or ALLOW_ANONYMOUS_PRODUCERS=true, which also lets everybody ` +
    'who reaches ADMIN_PORT operate the service'
}
