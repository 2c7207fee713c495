import { quoted } from './quoted.ts'

/** One error in a posted event or request. */
export interface FieldError {
  /** Path of the field with dots, for example `payload.values`; empty for the body as a whole. */
  field: string
  message: string
}

/** Most errors that an answer lists for one event. */
export const MOST_ERRORS = 10

/** Bounds the number and the length of errors for an answer. */
export function boundedErrors (errors: readonly FieldError[], most = MOST_ERRORS): readonly FieldError[] {
  return errors.slice(0, most).map(({ field, message }) => ({ field: quoted(field), message }))
}
