import { HIGHEST_PRIORITY, LOWEST_PRIORITY } from './event.ts'
import type { FieldError } from './field-error.ts'

export const PRIORITY_HEADER = 'x-event-priority'
export const TYPE_HEADER = 'x-event-type'

/** Headers as Node gives them: names in lower case. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>

/** Reads a priority from a header: undefined when it is not there, NaN when it is there and wrong. */
export function headerPriority (headers: Headers, name = PRIORITY_HEADER): number | undefined {
  const value = headers[name]
  if (value === undefined) return undefined
  const priority = typeof value === 'string' && /^\d{1,2}$/.test(value) ? Number(value) : NaN
  return priority >= HIGHEST_PRIORITY && priority <= LOWEST_PRIORITY ? priority : NaN
}

export function headerType (headers: Headers): string | undefined {
  const value = headers[TYPE_HEADER]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Tells a CloudEvent in binary mode: its attributes are in headers, its body is the data. */
export function isBinaryCloudEvent (headers: Headers): boolean {
  return headers['ce-specversion'] !== undefined
}

/** What to answer when headerPriority is NaN. */
export const INVALID_PRIORITY_HEADER: readonly FieldError[] = [{
  field: 'X-Event-Priority', message: `Expected an integer from ${HIGHEST_PRIORITY} to ${LOWEST_PRIORITY}`
}]
