import { hash } from 'node:crypto'

/** Longest Idempotency-Key. */
export const MOST_KEY_CHARACTERS = 256

/** The fields by which two posts are the same event. */
export interface Identity {
  organizationId?: string | undefined
  /** The header Idempotency-Key, which wins over the id. */
  idempotencyKey?: string | undefined
  /** The event's own id, and the source that a CloudEvent's id is unique within. */
  id?: string | undefined
  source?: string | undefined
}

/** Characters of a digest: 128 bits in base64url. */
const DIGEST_LENGTH = 22

/** Digest by which an event is remembered; undefined for one that nothing identifies. Organizations do not see each other's. */
export function idempotencyDigest ({ organizationId = '', idempotencyKey, id, source = '' }: Identity): string | undefined {
  if (idempotencyKey === undefined && id === undefined) return undefined
  // Lengths first, so that no two different identities are the same text.
  const parts = idempotencyKey === undefined ? ['i', organizationId, source, id as string] : ['k', organizationId, idempotencyKey]
  return hash('sha256', parts.map((part) => `${part.length}:${part}`).join(''), 'base64url').slice(0, DIGEST_LENGTH)
}
