/* JWTs to flood a service with: each is another text, and none has a valid signature. */
import { randomBytes } from 'node:crypto'
import { AUDIENCE, ISSUER } from '../../rig/identity-provider.ts'
import { RSA } from '../issuer.ts'

const DAY_SECONDS = 86_400
const ID_BYTES = 12
/** Bytes of a signature by kid. */
const SIGNATURES = { 'key-1': ['ES256', 64], [RSA]: ['RS256', 256] } as const
/** Padding of the claims: tokens just within the limit of a service, and beyond it within the head of a request. */
const LONG = 5_400
const TOO_LONG = 9_000

/** A flood has a name and makes one token after the other. */
export type Flood = readonly [name: string, next: () => string]

/** Returns the floods. */
export function floods (): readonly Flood[] {
  const expiry = Math.floor(Date.now() / 1_000) + DAY_SECONDS
  const made = (known: keyof typeof SIGNATURES, kid: string, padding = 0) => {
    const [alg, bytes] = SIGNATURES[known]
    const claims = {
      iss: ISSUER, aud: AUDIENCE, sub: 'critical', organization: 'critical-organization', scope: 'ingest read',
      exp: expiry, jti: randomBytes(ID_BYTES).toString('hex'), more: 'x'.repeat(padding)
    }
    return `${part({ alg, kid })}.${part(claims)}.${randomBytes(bytes).toString('base64url')}`
  }
  return [
    ['made-up keys', () => made('key-1', randomBytes(ID_BYTES).toString('hex'))],
    ['wrong signatures of ES256', () => made('key-1', 'key-1')],
    ['wrong signatures of RS256', () => made(RSA, RSA)],
    ['long tokens', () => made('key-1', 'key-1', LONG)],
    ['tokens beyond the limit', () => made('key-1', 'key-1', TOO_LONG)]
  ]
}

function part (value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
