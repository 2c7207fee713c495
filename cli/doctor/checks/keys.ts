import { isLoopbackAddress } from '../../../services/access/loopback.ts'
import { keylessStart } from '../../../services/producer/keyless-start.ts'
import { counted } from '../../../services/terminal/counted.ts'
import type { Facts } from '../facts.ts'
import { error, ok, warning, type Check, type Finding } from '../finding.ts'

const NO_START = 'the service does not start'

/** Finds a service that would not start for want of a key, and one that everybody may operate. */
const check: Check = (facts) => {
  const { config, keyFile } = facts
  if (config.ROLE === 'worker') return [ok('a worker has no routes that need a key')]
  if (keyFile?.problem !== undefined) {
    return [error(
      `API_KEYS_FILE ${keyFile.path}: ${keyFile.problem}`,
      NO_START,
      `let the user of the service read it, or make it: npx spillway keys create --file ${keyFile.path}`
    )]
  }
  const inRedis = keysInRedis(facts)
  const isProvided = config.JWT_JWKS_URL !== undefined
  const known = (keyFile?.keys ?? 0) + (inRedis ?? 0)
  if (known > 0 || isProvided) {
    const ways = [...known > 0 ? [counted(known, 'API key')] : [], ...isProvided ? ['the key set of JWT_JWKS_URL'] : []]
    return [ok(`requests need a key: there ${known === 1 ? 'is' : 'are'} ${ways.join(', and ')}`)]
  }
  return [withoutKey(config, inRedis !== undefined)]
}

export default check

/** Returns the number of keys in Redis; undefined if it is unknown. */
function keysInRedis ({ redis, dataDir }: Facts): number | undefined {
  if (redis.state === 'reached') return redis.keysInRedis
  // The first start of an embedded Redis has no data.
  return redis.state === 'not-started' && dataDir.existing !== dataDir.path ? 0 : undefined
}

function withoutKey (config: Facts['config'], isCertain: boolean): Finding {
  const isOpen = (host: string) => isLoopbackAddress(host) || config.ALLOW_ANONYMOUS_PRODUCERS
  const adminHost = config.ADMIN_PORT === undefined ? config.HOST : config.ADMIN_HOST
  const keyless = keylessStart(config, config.ADMIN_PORT !== undefined, (port) =>
    isOpen(port === 'main' ? config.HOST : adminHost))
  if (keyless !== undefined) {
    return isCertain
      ? error(keyless.problem, NO_START, keyless.remedy)
      : warning(
        `${keyless.problem} but perhaps in Redis, which cannot be asked`, `without one ${NO_START}`, keyless.remedy
      )
  }
  if (!isLoopbackAddress(adminHost) && config.ADMIN_TOKEN === undefined) {
    return warning(
      `ALLOW_ANONYMOUS_PRODUCERS=true and no ADMIN_TOKEN, with an address beyond loopback: ${adminHost}`,
      'everybody who reaches the port can read payloads, pause workers and delete dead letters',
      'set ADMIN_TOKEN'
    )
  }
  return ok(isLoopbackAddress(config.HOST)
    ? 'requests need no key, and only this machine reaches the service'
    : 'requests need no key: ALLOW_ANONYMOUS_PRODUCERS=true')
}
