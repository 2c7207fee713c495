/*
 * An id names one event of one type. A second post of it is a duplicate as long as the answer keeps what it promises:
 * the event that is stored has the same type and is served no later. Otherwise it is refused, so that nobody who posts
 * an id first, at a lower priority or as something else, makes a better event with it disappear.
 */
import { hash } from 'node:crypto'
import type { FieldError } from './field-error.ts'

/** Facts of a stored event that are needed when its id is posted again. */
export interface StoredIdentity {
  /** The id that was answered. */
  readonly id: string
  readonly priority: number
  /** As typeDigest gives it. */
  readonly typeDigest: string
}

/** Why such a post is refused; also the slug of its problem. */
export const IDENTITY_CONFLICT = 'identity-conflict'

/**
 * Names the fields in which a repetition asks for more than the stored event is, or for something else; none when it is
 * a duplicate.
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
            message: `The event with this identity is stored with priority ${stored.priority}, which a repetition cannot raise to ${priority}; post a new event under an id of its own`
          }
        ])
  ]
}

const DIGEST_CHARACTERS = 8
/** Types are few; when they are not, the cache begins anew. */
const MOST_CACHED = 1_000

const digests = new Map<string, string>()

/** Digest that tells the type of a stored event from others: 48 bits in base64url. */
export function typeDigest (type: string): string {
  let digest = digests.get(type)
  if (digest === undefined) {
    digest = hash('sha256', type, 'base64url').slice(0, DIGEST_CHARACTERS)
    if (digests.size >= MOST_CACHED) digests.clear()
    digests.set(type, digest)
  }
  return digest
}
