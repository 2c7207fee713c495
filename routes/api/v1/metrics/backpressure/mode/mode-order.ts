import { isAdmissionMode, type AdmissionMode } from '../../../../../../services/admission/mode.ts'
import type { FieldError } from '../../../../../../services/event/field-error.ts'
import { isRecord } from '../../../../../../services/event/record.ts'

/** Reads the body of an order to switch the mode; null means back to what the configuration says. */
export function parseModeOrder (body: unknown = {}): { ok: true, mode: AdmissionMode | null } | { ok: false, errors: FieldError[] } {
  if (!isRecord(body)) return { ok: false, errors: [{ field: '', message: 'Expected an object' }] }
  const { mode, ...others } = body
  const errors = Object.keys(others).map((field) => ({ field, message: 'Unexpected property' }))
  if (mode !== null && !isAdmissionMode(mode)) errors.unshift({ field: 'mode', message: 'Expected "true", "observe", "false" or null' })
  return errors.length > 0 ? { ok: false, errors } : { ok: true, mode: mode as AdmissionMode | null }
}
