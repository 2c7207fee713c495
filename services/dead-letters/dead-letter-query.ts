/*
 * Reads what callers ask of dead letters. Everything that is wrong is named, and what is not known is wrong: a misspelled filter
 * that is passed over would delete or replay far more than was meant.
 */
import { EXPECTED_DATE_TIME, isDateTime } from '../event/date-time.ts'
import type { FieldError } from '../event/field-error.ts'
import { isRecord } from '../event/record.ts'
import { isIllFormed } from '../event/well-formed.ts'
import { decodeCursor } from './cursor.ts'
import { DEAD_REASONS, type DeadReason, type DeadLetterFilter } from './dead-letter.ts'
import type { ReplaySelection } from './replay.ts'

const FILTERS = ['type', 'organizationId', 'reason', 'from', 'to']
const MOST_LISTED = 1_000
const DEFAULT_LISTED = 100
/** Most ids in one replay; for more there are filters. */
export const MOST_IDS = 10_000
const MOST_TEXT = 256
const DEAD_LETTER_ID = /^d-[0-9a-f]{32}$/

/** The query in its parsed form, or the faults of it. */
export type Parsed<Value> = { readonly ok: true, readonly value: Value } | { readonly ok: false, readonly errors: readonly FieldError[] }

export interface ListQuery {
  readonly filter: DeadLetterFilter
  readonly limit: number
  readonly after: string | undefined
}

export function parseList (query: unknown): Parsed<ListQuery> {
  const fields = record(query)
  const errors = unknownFields(fields, [...FILTERS, 'limit', 'cursor'], '')
  const filter = readFilter(fields, '', errors)
  const { limit = String(DEFAULT_LISTED), cursor } = fields
  const isLimit = typeof limit === 'string' && /^\d{1,4}$/.test(limit) && Number(limit) >= 1 && Number(limit) <= MOST_LISTED
  if (!isLimit) errors.push({ field: 'limit', message: `Expected an integer from 1 to ${MOST_LISTED}` })
  const after = typeof cursor === 'string' ? decodeCursor(cursor) : undefined
  if (cursor !== undefined && after === undefined) errors.push({ field: 'cursor', message: 'Expected the next of an earlier answer' })
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: { filter, limit: Number(limit), after } }
}

/** A deletion names what goes, or says that all of it does. */
export function parseDeletion (query: unknown): Parsed<DeadLetterFilter> {
  const fields = record(query)
  const errors = unknownFields(fields, [...FILTERS, 'all'], '')
  const filter = readFilter(fields, '', errors)
  const isFiltered = FILTERS.some((name) => fields[name] !== undefined)
  if (fields.all !== undefined && fields.all !== 'true') errors.push({ field: 'all', message: 'Expected true' })
  else if (isFiltered && fields.all !== undefined) errors.push({ field: 'all', message: 'Expected either a filter or all=true' })
  else if (!isFiltered && fields.all === undefined && errors.length === 0) errors.push({ field: '', message: 'Expected a filter, or all=true to delete every dead letter' })
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: filter }
}

export function parseReplay (body: unknown): Parsed<{ selection: ReplaySelection, isDryRun: boolean }> {
  if (!isRecord(body)) return { ok: false, errors: [{ field: '', message: 'Expected an object' }] }
  const errors = unknownFields(body, ['ids', 'filter', 'dryRun'], '')
  const { ids, filter, dryRun = false } = body
  if (typeof dryRun !== 'boolean') errors.push({ field: 'dryRun', message: 'Expected a boolean' })
  if (ids !== undefined && filter !== undefined) errors.push({ field: 'filter', message: 'Expected either ids or filter' })
  else if (ids === undefined && filter === undefined && errors.length === 0) errors.push({ field: '', message: 'Expected ids or filter' })
  if (ids !== undefined && !isIdList(ids)) errors.push({ field: 'ids', message: `Expected 1 to ${MOST_IDS} ids of dead letters` })
  if (filter !== undefined && !isRecord(filter)) errors.push({ field: 'filter', message: 'Expected an object' })
  const inFilter = isRecord(filter) ? filter : {}
  errors.push(...unknownFields(inFilter, FILTERS, 'filter.'))
  const read = readFilter(inFilter, 'filter.', errors)
  if (errors.length > 0) return { ok: false, errors }
  return { ok: true, value: { selection: Array.isArray(ids) ? { ids: [...new Set(ids as string[])] } : { filter: read }, isDryRun: dryRun === true } }
}

function readFilter (fields: Record<string, unknown>, prefix: string, errors: FieldError[]): DeadLetterFilter {
  const { type, organizationId, reason, from, to } = fields
  for (const [name, value] of Object.entries({ type, organizationId })) {
    if (value !== undefined && !isText(value)) {
      errors.push({ field: `${prefix}${name}`, message: `Expected well-formed text of 1 to ${MOST_TEXT} characters` })
    }
  }
  if (reason !== undefined && !DEAD_REASONS.includes(reason as DeadReason)) errors.push({ field: `${prefix}reason`, message: `Expected one of ${DEAD_REASONS.join(', ')}` })
  for (const [name, value] of Object.entries({ from, to })) {
    if (value !== undefined && !isTime(value)) errors.push({ field: `${prefix}${name}`, message: EXPECTED_DATE_TIME })
  }
  return {
    ...(isText(type) && { type }),
    ...(isText(organizationId) && { organizationId }),
    ...(typeof reason === 'string' && { reason: reason as DeadReason }),
    ...(isTime(from) && { from: Date.parse(from) }),
    ...(isTime(to) && { to: Date.parse(to) })
  }
}

function unknownFields (fields: Record<string, unknown>, known: readonly string[], prefix: string): FieldError[] {
  const message = `Unexpected; expected are ${known.join(', ')}`
  return Object.keys(fields).filter((name) => !known.includes(name)).map((name) => ({ field: `${prefix}${name}`, message }))
}

function isIdList (ids: unknown): ids is string[] {
  return Array.isArray(ids) && ids.length >= 1 && ids.length <= MOST_IDS && ids.every((id) => typeof id === 'string' && DEAD_LETTER_ID.test(id))
}

function isText (value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= MOST_TEXT && !isIllFormed(value)
}

function isTime (value: unknown): value is string {
  return typeof value === 'string' && isDateTime(value) && Number.isFinite(Date.parse(value))
}

function record (value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}
