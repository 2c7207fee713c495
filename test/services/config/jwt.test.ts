import t from 'tap'
import { loadConfig } from '../../../services/config/load-config.ts'

const URL = { JWT_JWKS_URL: 'https://provider.example/jwks.json' }
const ISSUER = { JWT_ISSUER: 'https://provider.example' }
const AUDIENCE = { JWT_AUDIENCE: 'spillway' }

/** The keys that the message of a start names, with what is allowed. */
function complaints (environment: Record<string, string>): string[] {
  try {
    loadConfig(environment)
    return []
  } catch (error) {
    return (error as Error).message.split('\n').slice(1).map((line) => line.trim())
  }
}

t.test('the keys of JWTs are all set or all unset', async (t) => {
  t.strictSame(complaints({}), [])
  t.strictSame(complaints({ ...URL, ...ISSUER, ...AUDIENCE }), [])
  t.strictSame(complaints(URL), [
    'JWT_ISSUER: given nothing, allowed: a value, since it belongs to JWT_JWKS_URL',
    'JWT_AUDIENCE: given nothing, allowed: a value, since it belongs to JWT_JWKS_URL'
  ])
  t.strictSame(complaints({ ...URL, ...AUDIENCE, JWT_ISSUER: '' }), [
    'JWT_ISSUER: given nothing, allowed: a value, since it belongs to JWT_JWKS_URL and JWT_AUDIENCE'
  ])
  t.match(complaints({ ...ISSUER, ...AUDIENCE }), [/^JWT_JWKS_URL: given nothing/])
})

t.test('a key set needs https, except on loopback', async (t) => {
  const withUrl = (url: string) => complaints({ ...ISSUER, ...AUDIENCE, JWT_JWKS_URL: url })
  for (const url of ['http://127.0.0.1:1/k', 'http://localhost/k', 'http://[::1]:1/k', 'https://10.0.0.1/k']) {
    t.strictSame(withUrl(url), [], url)
  }
  for (const url of ['http://provider.example/k', 'http://10.0.0.1/k', 'http://127.0.0.1.provider.example/k', 'http://localhost@a.b/k']) {
    t.match(withUrl(url), [/^JWT_JWKS_URL: given .*, allowed: https, or http on loopback$/], url)
  }
  t.match(withUrl('http://a.b/k?key=hidden'), [/\?\*\*\*/])
  t.match(withUrl('ftp://a.b/k'), [/^JWT_JWKS_URL: given "ftp/])
  t.match(withUrl('https://'), [/^JWT_JWKS_URL: given "https/])
})
