import type { IntakeContext } from './intake.ts'
import { headerPriority, headerType, INVALID_PRIORITY_HEADER } from './priority-header.ts'
import type { RequestHeaders } from './request-headers.ts'
import type { FieldError } from './field-error.ts'

/** Reads from the headers of a request what they say of its events, or what is wrong with them. */
export function intakeContext (headers: RequestHeaders, now: Date): { ok: true, context: IntakeContext } | { ok: false, errors: readonly FieldError[] } {
  const priority = headerPriority(headers)
  if (Number.isNaN(priority)) return { ok: false, errors: INVALID_PRIORITY_HEADER }
  return { ok: true, context: { priority, type: headerType(headers), receivedAt: now.toISOString() } }
}

/** The priority that a request's events have for sure before its body is read, if there is one. */
export function priorityBeforeBody (headers: RequestHeaders, otherwise?: () => number | undefined): number | undefined {
  const priority = headerPriority(headers) ?? otherwise?.()
  return Number.isNaN(priority) ? undefined : priority
}
