import type { RequestHeaders } from '../event/request-headers.ts'

/** The secret that a request presents; undefined if there is none. */
export interface Credential {
  /** Each character is a byte, as Node.js reads a header. */
  readonly text: string
  /** The password of Basic authentication, which a browser also sends for pages of other sites. Only `bearer` may be a JWT. */
  readonly form: 'bearer' | 'key' | 'password'
}

const BEARER = 'Bearer '
const SPACE = 0x20

/** Reads `Authorization: Bearer <secret>`, `X-API-Key: <secret>` or the password of `Authorization: Basic`. */
export function credentialOf ({ authorization, 'x-api-key': apiKey }: RequestHeaders): Credential | undefined {
  // A proxy on the way may have an Authorization of its own.
  if (typeof apiKey === 'string' && apiKey !== '') return { text: apiKey, form: 'key' }
  if (typeof authorization !== 'string') return undefined
  // Nearly all requests have this form, which needs no search.
  if (authorization.startsWith(BEARER) && authorization.charCodeAt(BEARER.length) !== SPACE) {
    return { text: authorization.slice(BEARER.length), form: 'bearer' }
  }
  const [, scheme = '', credentials = ''] = /^(\w+) +(\S.*)$/.exec(authorization) ?? []
  if (scheme.toLowerCase() === 'bearer') return { text: credentials, form: 'bearer' }
  if (scheme.toLowerCase() !== 'basic') return undefined
  const pair = Buffer.from(credentials, 'base64')
  const colon = pair.indexOf(':')
  return colon === -1 ? undefined : { text: pair.toString('latin1', colon + 1), form: 'password' }
}
