/** One thing wrong with what was posted. */
export interface FieldError {
  /** Path of the field with dots, for example `payload.values`; empty for the body as a whole. */
  field: string
  message: string
}
