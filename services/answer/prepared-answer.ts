import { createHash } from 'node:crypto'

/** An answer that is the same for all clients: memory holds its bytes once, however many clients read them. */
export interface PreparedAnswer {
  readonly body: Buffer
  readonly type: string
  /** The entity tag of exactly these bytes. */
  readonly etag: string
}

export function prepareAnswer (content: Buffer | string, type: string): PreparedAnswer {
  const body = Buffer.isBuffer(content) ? content : Buffer.from(content)
  return { body, type, etag: `"${createHash('sha256').update(body).digest('base64url')}"` }
}

/** Whether If-None-Match names the bytes to send (RFC 9110 13.1.2: ignores the weak mark that a proxy adds). */
export function isKnownTo (ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag)
}
