/*
 * An id names one event of one type. A second post with it is a duplicate only if the stored event has the same type
 * and is served no later. Otherwise the post is refused: an earlier post of the id, at a lower priority or with another
 * type, must not make a better event disappear.
 */
import { hash } from 'node:crypto'
import type { FieldError } from './field-error.ts'

/** The facts of a stored event to compare when its id is posted again. */
export interface StoredIdentity {
  /** The id that was answered. */
  readonly id: string
  readonly priority: number
  /** As typeDigest gives it. */
  readonly typeDigest: string
}

/** The reason for refusing such a post, and the slug of its problem. */
export const IDENTITY_CONFLICT = 'identity-conflict'

/**
 * Returns errors for the fields in which a repetition differs from the stored event or asks for a higher priority; none
 * if it is a duplicate.
 */
export function conflictingFields (
  stored: StoredIdentity,
  { priority, type }: { readonly priority: number, readonly type: string }
): FieldError[] {
  return [
    ...(typeDigest(type) === stored.typeDigest
      ? []
      : [
          {
            field: 'type',
            message: 'The event with this identity is stored with another type; post a new event under an id of its own'
          }
        ]),
    ...(priority >= stored.priority
      ? []
      : [
        {
          field: 'priority',
          message:
            `The event with this identity is stored with priority ${stored.priority}, which a repetition cannot raise to ${priority}; post a new event under an id of its own`
        }
      ])
  ]
}

const DIGEST_CHARACTERS = 8
/** Types are few; beyond this number the cache is cleared. */
const MOST_CACHED = 1_000

const digests = new Map<string, string>()

/** Returns the digest of a type: 48 bits in base64url. */
export function typeDigest (type: string): string {
  let digest = digests.get(type)
  if (digest === undefined) {
    digest = hash('sha256', type, 'base64url').slice(0, DIGEST_CHARACTERS)
    if (digests.size >= MOST_CACHED) digests.clear()
    digests.set(type, digest)
  }
  return digest
}
