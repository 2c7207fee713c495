import { hash } from 'node:crypto'
import { HIGHEST_PRIORITY } from '../admission/priority-class.ts'

/** Longest Idempotency-Key. */
export const MOST_KEY_CHARACTERS = 256

/** The fields that identify an event across posts. */
export interface Identity {
  organizationId?: string | undefined
  /**
   * The best priority that the key of the producer may give, 1 by default. Keys with different ceilings have separate
   * identities: otherwise a key of little trust could take the id of an event before a better key posts it.
   */
  ceiling?: number | undefined
  /** The header Idempotency-Key, which wins over the id. */
  idempotencyKey?: string | undefined
  /** The event's own id, and the source within which a CloudEvent's id is unique. */
  id?: string | undefined
  source?: string | undefined
}

/** Characters of a digest: 128 bits in base64url. */
const DIGEST_LENGTH = 22

/**
 * Returns the digest by which an event is remembered; undefined if nothing identifies it. Digests of organizations
 * differ.
 */
export function idempotencyDigest (
  { organizationId = '', ceiling = HIGHEST_PRIORITY, idempotencyKey, id, source = '' }: Identity
): string | undefined {
  if (idempotencyKey === undefined && id === undefined) return undefined
  // The lengths make the text of each identity unique.
  const parts = idempotencyKey === undefined
    ? ['i', organizationId, source, id as string]
    : ['k', organizationId, idempotencyKey]
  if (ceiling !== HIGHEST_PRIORITY) parts.push(String(ceiling))
  return hash('sha256', parts.map((part) => `${part.length}:${part}`).join(''), 'base64url').slice(0, DIGEST_LENGTH)
}
