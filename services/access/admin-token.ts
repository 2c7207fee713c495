import { createHash, timingSafeEqual } from 'node:crypto'

/** Returns a constant-time check of an Authorization header against the token. */
export function adminTokenCheck (token: string): (authorization: string | undefined) => boolean {
  const expected = digest(Buffer.from(token))
  return (authorization) => {
    const presented = presentedToken(authorization)
    return presented !== undefined && timingSafeEqual(digest(presented), expected)
  }
}

/** The bytes of the token in `Bearer <token>`, or of the password in `Basic <user:password in base64>`. */
function presentedToken (authorization = ''): Buffer | undefined {
  const [, scheme = '', credentials = ''] = /^(\w+) +(\S.*)$/.exec(authorization) ?? []
  switch (scheme.toLowerCase()) {
    case 'bearer':
      // Node reads each byte of a header as one character.
      return Buffer.from(credentials, 'latin1')
    case 'basic': {
      const pair = Buffer.from(credentials, 'base64')
      const colon = pair.indexOf(':')
      return colon === -1 ? undefined : pair.subarray(colon + 1)
    }
    default:
      return undefined
  }
}

function digest (bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}
