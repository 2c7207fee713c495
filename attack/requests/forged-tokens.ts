/* JWTs that no service may accept: those that an attacker makes, and those of the provider that are not for it. */
import { createHmac } from 'node:crypto'
import { SignJWT } from 'jose'
import { AUDIENCE, ISSUER, type Provider } from '../../rig/identity-provider.ts'
import { RSA } from '../issuer.ts'

/** Every right in the organization of the critical events. */
const RIGHTS = { organization: 'critical-organization', scope: 'ingest read admin', spillway_best_priority: 1 }
const FAR_SECONDS = 3_600
/** Beyond the tolerance for a clock that is ahead. */
const PAST_SECONDS = 60

const HMACS = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const

export type Forged = readonly [form: string, token: string]

/** Tokens that use the algorithm of the header against the service. */
export function algorithmForgeries ({ keys }: Provider, token: string): Forged[] {
  const [, body = '', signature = ''] = token.split('.')
  const wish = part({ iss: ISSUER, aud: AUDIENCE, sub: 'critical', exp: soon(), ...RIGHTS })
  const unsigned = ['none', 'None', 'NONE', 'nOnE', 'none '].flatMap((alg) => [{ alg }, { alg, kid: 'key-1' }])
  const { pem, jwk } = keys.get(RSA)!
  const publicTexts = {
    'in PEM': pem, 'in PEM without its end': pem.trimEnd(), 'as JWK': JSON.stringify(jwk), 'as modulus': jwk.n ?? '',
    'as bytes of the modulus': Buffer.from(jwk.n ?? '', 'base64url'), 'that is empty': '', 'that is a guess': 'secret'
  }
  return [
    ...unsigned.flatMap((header): Forged[] => [wish, body].flatMap((claims) =>
      ['', signature, 'AA'].map((end): Forged => [`alg ${header.alg}`, `${part(header)}.${claims}.${end}`])
    )),
    ...Object.entries(HMACS).flatMap(([alg, digest]) => Object.entries(publicTexts).map(([name, secret]): Forged => {
      const signed = `${part({ alg, kid: RSA })}.${wish}`
      const code = createHmac(digest, secret).update(signed).digest('base64url')
      return [`${alg} with the public key ${name}`, `${signed}.${code}`]
    })),
    ...[
      {}, { alg: 'RS256' }, { alg: 'ES384' }, { alg: 'EdDSA' }, { alg: 'ES256K' }, { alg: ['ES256'] }, { alg: 1 },
      { alg: '' }, { alg: 'RSA-OAEP' }, { alg: 'A128KW' }, { alg: 'dir', enc: 'A256GCM' }, { alg: 'HS256' },
      { alg: '__proto__' }
    ].map((header): Forged => [
      `header ${JSON.stringify(header)}`, `${part({ kid: 'key-1', ...header })}.${wish}.${signature}`
    ]),
    ['two algorithms', `${text('{"alg":"ES256","kid":"key-1","alg":"none"}')}.${wish}.`],
    ['an array as header', `${part(['ES256'])}.${wish}.${signature}`],
    ['a header that is cut', `${text('{"alg":"ES256"')}.${wish}.${signature}`]
  ]
}

/** Tokens that name the key of the attacker, signed with it. Nobody may call its address. */
export async function keyForgeries ({ keys, url }: Provider): Promise<Forged[]> {
  const { secret, jwk, pem } = keys.get('key-1')!
  const x5c = [pem.split('\n').slice(1, -2).join('')]
  const headers = {
    'a key with the id of a known one': {}, 'jwk': { jwk }, 'jwk and no kid': { jwk, kid: undefined },
    'jku': { jku: url }, 'jku and an unknown kid': { jku: url, kid: 'attacker' }, 'x5u': { x5u: url }, 'x5c': { x5c },
    'jwk, jku, x5u and x5c': { jwk, jku: url, x5u: url, x5c }, 'a kid that is an address': { kid: url },
    'a kid that is a path': { kid: '../../../../dev/null' }, 'a kid of the prototype': { kid: '__proto__' },
    'a kid that is a query': { kid: "key-1' UNION SELECT 'a" }, 'no kid': { kid: undefined }
  }
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'critical', exp: soon(), ...RIGHTS }
  return await Promise.all(Object.entries(headers).map(async ([form, header]): Promise<Forged> => [
    form, await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'key-1', ...header }).sign(secret)
  ]))
}

/** Tokens that the provider did sign, for others, for another time or for nobody. */
export async function foreignTokens (provider: Provider): Promise<Forged[]> {
  const now = soon() - FAR_SECONDS
  const claims = {
    'another audience': { aud: 'other' }, 'an audience in another case': { aud: AUDIENCE.toUpperCase() },
    'a longer audience': { aud: `${AUDIENCE}-2` }, 'other audiences': { aud: ['other', ''] },
    'no audience': { aud: undefined },
    'another issuer': { iss: 'https://other.example' }, 'an issuer with a slash': { iss: `${ISSUER}/` },
    'a longer issuer': { iss: `${ISSUER}.evil.example` }, 'no issuer': { iss: undefined },
    'an end that has passed': { exp: now - PAST_SECONDS }, 'an end in 1970': { exp: 0 }, 'no end': { exp: undefined },
    'a beginning in the future': { nbf: now + FAR_SECONDS }, 'no subject': { sub: undefined }
  }
  return await Promise.all(Object.entries(claims).map(async ([form, changed]): Promise<Forged> => [
    form, await provider.sign({ sub: 'critical', ...RIGHTS, ...changed })
  ]))
}

/** The claims of a valid token changed, beside its signature. */
export function claimForgeries (token: string): Forged[] {
  const [head = '', body = '', signature = ''] = token.split('.')
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object
  const changes = [
    { organization: 'victim-organization' }, { scope: 'ingest read admin' }, { spillway_best_priority: 1 },
    { sub: 'operator' }, { exp: soon() * 2 }, { aud: [AUDIENCE] }, { iss: [ISSUER] }, {}
  ]
  return [
    ...changes.map((change): Forged => [
      `claims with ${JSON.stringify(change)}`, `${head}.${part({ ...claims, ...change, jti: 'changed' })}.${signature}`
    ]),
    ['claims with a space', `${head}.${text(`${JSON.stringify(claims)} `)}.${signature}`],
    ['claims that are no JSON', `${head}.${text('{"sub":')}.${signature}`]
  ]
}

/** Seconds since 1970 of a time at which the run is over. */
function soon (): number {
  return Math.floor(Date.now() / 1_000) + FAR_SECONDS
}

function part (value: object): string {
  return text(JSON.stringify(value))
}

function text (value: string): string {
  return Buffer.from(value).toString('base64url')
}
