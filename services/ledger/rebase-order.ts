import type { FieldError } from '../event/field-error.ts'
import { isRecord } from '../event/record.ts'

/** Most characters of a reason: it is kept in Redis and in the log. */
export const MOST_REASON_CHARACTERS = 500

/** Reads the body of an order to write a difference off: a reason, and nothing else. */
export function parseRebaseOrder (
  body: unknown = {}
): { ok: true, reason: string } | { ok: false, errors: FieldError[] } {
  if (!isRecord(body)) return { ok: false, errors: [{ field: '', message: 'Expected an object' }] }
  const { reason, ...others } = body
  const errors = Object.keys(others).map((field) => ({ field, message: 'Unexpected property' }))
  const isReason =
    typeof reason === 'string' &&
    reason.trim() !== '' &&
    reason.length <= MOST_REASON_CHARACTERS &&
    reason.isWellFormed()
  if (!isReason) {
    errors.unshift({ field: 'reason', message: `Expected a text of 1 to ${MOST_REASON_CHARACTERS} characters` })
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, reason: reason as string }
}
