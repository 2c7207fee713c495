/*
 * An id names one event of one type. A second post with it is a duplicate only if the stored event has the same type
 * and is served no later. Otherwise the post is refused: an earlier post of the id, at a lower priority or with another
 * type, must not make a better event disappear.
 */
import type { FieldError } from './field-error.ts'
import { textDigest } from './text-digest.ts'

/** The facts of a stored event to compare when its id is posted again. */
export interface StoredIdentity {
  /** The id that was answered. */
  readonly id: string
  readonly priority: number
  /** As textDigest gives it. */
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
    ...(textDigest(type) === stored.typeDigest
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
