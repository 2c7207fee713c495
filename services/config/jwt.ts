import { isLoopbackHost } from '../access/loopback.ts'
import type { ConfigProblem } from './config-error.ts'
import { describeGiven } from './redaction.ts'
import type { Environment } from './schema.ts'

const NEEDED_TOGETHER = ['JWT_JWKS_URL', 'JWT_ISSUER', 'JWT_AUDIENCE'] as const

type JwtKeys = Pick<Environment, (typeof NEEDED_TOGETHER)[number]>

/**
 * Checks that the keys of JWTs are all set or all unset, as far as they are reliable: without issuer and audience a
 * token for any other service of the provider would do. A key set that arrives over http could be anybody's.
 */
export function jwtProblems (values: JwtKeys, isReliable: (key: string) => boolean): ConfigProblem[] {
  const set = NEEDED_TOGETHER.filter((key) => values[key] !== undefined || !isReliable(key))
  const missing = set.length === 0 ? [] : NEEDED_TOGETHER.filter((key) => !set.includes(key))
  const { JWT_JWKS_URL: url } = values
  const isExposed = url !== undefined && isReliable('JWT_JWKS_URL') && isPlain(url)
  return [
    ...missing.map((key) => ({ key, given: 'nothing', allowed: `a value, since it belongs to ${set.join(' and ')}` })),
    ...isExposed
      ? [{
        key: 'JWT_JWKS_URL', given: describeGiven('JWT_JWKS_URL', url), allowed: 'https, or http on loopback'
      }]
      : []
  ]
}

function isPlain (url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !isLoopbackHost(hostname)
}
