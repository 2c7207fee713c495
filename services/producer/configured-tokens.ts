import type { Config } from '../config/schema.ts'
import { StartFault } from '../config/start-fault.ts'
import { outboundOf } from '../delivery/outbound.ts'
import { findUrlProblem } from '../delivery/post.ts'
import { KeySet, type KeySetOptions } from './key-set.ts'
import { Tokens } from './tokens.ts'

/** The JWTs that the configuration accepts, and the key set that verifies them. */
export interface ConfiguredTokens {
  readonly tokens: Tokens
  readonly keySet: KeySet
}

/**
 * Returns what verifies JWTs; undefined if the configuration accepts none.
 *
 * @throws StartFault if nothing may connect to the address of the key set
 */
export function configuredTokens (
  config: Config, { now, elapsed, onRead, onFailed }: Pick<KeySetOptions, 'now' | 'elapsed' | 'onRead' | 'onFailed'>
): ConfiguredTokens | undefined {
  const { JWT_JWKS_URL: url, JWT_ISSUER: issuer, JWT_AUDIENCE: audience, JWT_JWKS_REFRESH_MS: refreshMs } = config
  if (url === undefined || issuer === undefined || audience === undefined) return undefined
  const outbound = outboundOf(config)
  const problem = findUrlProblem(url) ?? outbound.problemOf(url)
  if (problem !== undefined) {
    throw new StartFault('JWT_JWKS_URL_INVALID', `JWT_JWKS_URL: ${problem}`)
  }
  const keySet = new KeySet({ url, outbound, refreshMs, now, elapsed, onRead, onFailed })
  const tokens = new Tokens({
    keySet,
    issuer,
    audience,
    claims: {
      organizationId: config.JWT_ORGANIZATION_CLAIM,
      scopes: config.JWT_SCOPES_CLAIM,
      bestPriority: config.JWT_BEST_PRIORITY_CLAIM,
      types: config.JWT_TYPES_CLAIM
    },
    bestPriority: config.JWT_BEST_PRIORITY,
    now
  })
  return { tokens, keySet }
}
