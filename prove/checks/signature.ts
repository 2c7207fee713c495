import { createHmac, timingSafeEqual } from 'node:crypto'

/** The headers of a call that carry its signature. */
export interface SignedHeaders {
  readonly id: string | undefined
  readonly timestamp: string | undefined
  readonly signature: string | undefined
}

const PREFIX = 'whsec_'

/**
 * Returns the fault in the signature of a call by the scheme of Standard Webhooks; undefined if it is right. Written
 * from the specification: HMAC-SHA-256 over `id.timestamp.body` with the decoded secret, as base64 after `v1,`.
 *
 * @param nowSeconds seconds since 1970
 * @param toleranceSeconds the largest error of the clock of the signer
 */
export function signatureProblem (
  secret: string, { id, timestamp, signature }: SignedHeaders, body: Buffer, nowSeconds: number,
  toleranceSeconds: number
): string | undefined {
  if (id === undefined || id === '' || timestamp === undefined || signature === undefined) {
    return 'a header of the signature is missing'
  }
  const sentAt = Number(timestamp)
  if (!/^\d+$/.test(timestamp) || Math.abs(nowSeconds - sentAt) > toleranceSeconds) {
    return `signed at ${timestamp}, it is ${Math.floor(nowSeconds)}`
  }
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
  const isSigned = signature.split(' ').some((part) => {
    const [version, digest = ''] = part.split(',')
    const given = Buffer.from(digest, 'base64')
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
  })
  return isSigned ? undefined : 'the signature does not fit the body'
}
