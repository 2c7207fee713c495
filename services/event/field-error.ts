import { quoted } from './quoted.ts'

/** One thing wrong with what was posted. */
export interface FieldError {
  /** Path of the field with dots, for example `payload.values`; empty for the body as a whole. */
  field: string
  message: string
}

/** More errors of one event than this help nobody. */
export const MOST_ERRORS = 10

/** Errors in a number and of a length that an answer can hold, whatever the names in them. */
export function boundedErrors (errors: readonly FieldError[], most = MOST_ERRORS): readonly FieldError[] {
  return errors.slice(0, most).map(({ field, message }) => ({ field: quoted(field), message }))
}
