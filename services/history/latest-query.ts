import type { FieldError } from '../event/field-error.ts'
import { isIllFormed } from '../event/well-formed.ts'
import { MOST_LATEST } from './latest-events.ts'

const DEFAULT_LISTED = 20
const MOST_TYPE_CHARACTERS = 256

export type LatestQuery =
  | { readonly ok: true, readonly limit: number, readonly type: string | undefined }
  | { readonly ok: false, readonly errors: readonly FieldError[] }

/** Reads which of the latest events are asked for. An unknown field is an error: a misspelled filter would list all. */
export function parseLatestQuery (query: unknown): LatestQuery {
  const { limit = String(DEFAULT_LISTED), type, ...unknown } = query as Record<string, unknown>
  const errors = Object.keys(unknown).map((field): FieldError => ({ field, message: 'Unexpected; expected are limit, type' }))
  const isLimit = typeof limit === 'string' && /^\d{1,3}$/.test(limit) && Number(limit) >= 1
  if (!isLimit || Number(limit) > MOST_LATEST) {
    errors.push({ field: 'limit', message: `Expected an integer from 1 to ${MOST_LATEST}` })
  }
  if (type !== undefined && !isType(type)) {
    errors.push({ field: 'type', message: `Expected well-formed text of 1 to ${MOST_TYPE_CHARACTERS} characters` })
  }
  if (errors.length > 0) return { ok: false, errors }
  return { ok: true, limit: Number(limit), type: type as string | undefined }
}

function isType (type: unknown): type is string {
  return typeof type === 'string' && type.length >= 1 && type.length <= MOST_TYPE_CHARACTERS && !isIllFormed(type)
}
