import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose'
import { startConsumer, type Call } from './consumer.ts'
import type { Owner } from './owner.ts'

export const ISSUER = 'https://provider.example'
export const AUDIENCE = 'spillway'

/** The rights of a token, unless a test says otherwise. */
export const CLAIMS = { organization: 'acme', scope: 'openid ingest' }

interface ProviderKey {
  readonly alg: string
  readonly secret: CryptoKey
  readonly jwk: JWK
  /** The public key, PEM. */
  readonly pem: string
}

export interface Provider {
  /** The address of its key set. */
  readonly url: string
  /** Its readings by the service so far. */
  readonly calls: readonly Call[]
  readonly keys: ReadonlyMap<string, ProviderKey>
  /** Returns the answer to a reading; by default its keys. */
  answer: () => { status?: number, headers?: Record<string, string>, body: string }
  addKey: (kid: string, alg?: string) => Promise<ProviderKey>
  removeKey: (kid: string) => void
  /** Signs a token that expires in an hour, with the first key unless the header names another one. */
  sign: (claims?: JWTPayload, header?: Record<string, unknown>) => Promise<string>
}

/** Starts an identity provider with one key, on a real port; it ends with its owner. */
export async function startProvider (owner: Owner, port = 0): Promise<Provider> {
  const keys = new Map<string, ProviderKey>()
  const server = await startConsumer(owner, { port })
  const addKey = async (kid: string, alg = 'ES256') => {
    const { publicKey, privateKey: secret } = await generateKeyPair(alg, { extractable: true })
    const key = { alg, secret, jwk: { ...await exportJWK(publicKey), kid, use: 'sig' }, pem: await exportSPKI(publicKey) }
    keys.set(kid, key)
    return key
  }
  const provider: Provider = {
    url: server.url.replace('/events', '/jwks.json'),
    calls: server.calls,
    keys,
    answer: () => ({ body: JSON.stringify({ keys: [...keys.values()].map(({ jwk }) => jwk) }) }),
    addKey,
    removeKey: (kid) => { keys.delete(kid) },
    sign: async (claims = CLAIMS, header = {}) => {
      const [first] = keys.keys()
      const { alg, secret } = keys.get(header.kid as string ?? first)!
      const seconds = Math.floor(Date.now() / 1_000)
      const usual = { iss: ISSUER, aud: AUDIENCE, sub: 'sensor-1', iat: seconds, exp: seconds + 3_600 }
      return await new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg, kid: first, ...header }).sign(secret)
    }
  }
  server.answer = (_call, reply) => {
    const { status = 200, headers = {}, body } = provider.answer()
    reply.writeHead(status, headers).end(body)
  }
  await addKey('key-1')
  return provider
}

/** The environment of a service that accepts the tokens of a provider. */
export const providerEnv = ({ url }: Pick<Provider, 'url'>) =>
  ({ JWT_JWKS_URL: url, JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE, JWT_JWKS_REFRESH_MS: '1000' })
