import { HIGHEST_PRIORITY, LOWEST_PRIORITY } from '../admission/priority-class.ts'
import { CLOUD_EVENT_TYPE, hasMediaType } from './content-type.ts'
import type { FieldError } from '../event/field-error.ts'
import type { RequestHeaders } from '../event/request-headers.ts'
import { attributeText } from '../event/attribute-header.ts'
import { headerText } from '../event/well-formed.ts'

export const PRIORITY_HEADER = 'x-event-priority'
export const TYPE_HEADER = 'x-event-type'

/** Reads a priority from a header: undefined when it is not there, NaN when it is there and wrong. */
export function headerPriority (headers: RequestHeaders): number | undefined {
  return priorityOf(headers[PRIORITY_HEADER])
}

/** Reads the priority of a binary CloudEvent in the same way. */
export function attributePriority ({ 'ce-priority': value }: RequestHeaders): number | undefined {
  return priorityOf(typeof value === 'string' ? attributeText(value) : value)
}

function priorityOf (value: string | string[] | undefined): number | undefined {
  if (value === undefined) return undefined
  const priority = typeof value === 'string' && /^\d{1,2}$/.test(value) ? Number(value) : NaN
  return priority >= HIGHEST_PRIORITY && priority <= LOWEST_PRIORITY ? priority : NaN
}

export function headerType (headers: RequestHeaders): string | undefined {
  const value = headers[TYPE_HEADER]
  return typeof value === 'string' && value !== '' ? headerText(value) : undefined
}

/** Tells a CloudEvent in binary mode: its attributes are in headers, its body is the data. The structured mode goes by the media type. */
export function isBinaryCloudEvent (headers: RequestHeaders): boolean {
  return headers['ce-specversion'] !== undefined && !hasMediaType(headers, CLOUD_EVENT_TYPE)
}

/** What to answer when headerPriority is NaN. */
export const INVALID_PRIORITY_HEADER: readonly FieldError[] = [{
  field: 'X-Event-Priority', message: `Expected an integer from ${HIGHEST_PRIORITY} to ${LOWEST_PRIORITY}`
}]
