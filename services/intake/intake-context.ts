import { DURABILITIES, DURABILITY_HEADER, type Durability } from '../event/durability.ts'
import { MOST_KEY_CHARACTERS } from '../event/idempotency-key.ts'
import { headerPriority, headerType, INVALID_PRIORITY_HEADER } from './priority-header.ts'
import type { RequestHeaders } from '../event/request-headers.ts'
import type { FieldError } from '../event/field-error.ts'
import { timestamp } from '../event/timestamp.ts'
import { headerText, illFormedError, isIllFormed } from '../event/well-formed.ts'
import { headerTrace, type TraceContext } from '../event/trace-context.ts'

/** What the headers of a request say of its events; what of it the body wins over is said at the fields. */
export interface IntakeContext {
  /** From the header X-Event-Priority; wins over everything in the body. */
  priority?: number | undefined
  /** From the header X-Event-Type; used when the body has no type. */
  type?: string | undefined
  /** From the header Idempotency-Key; wins over ids in the body. In a body of many events their places are part of it. */
  idempotencyKey?: string | undefined
  /** From the header X-Event-Durability. */
  durability: Durability
  /** RFC 3339. */
  receivedAt: string
  /** From the headers traceparent and tracestate; a CloudEvent's own wins over it. */
  trace?: TraceContext | undefined
}

/**
 * Reads from the headers of a request what they say of its events, or what is wrong with them.
 *
 * @param epochMs when the request came, milliseconds of the epoch
 * @param trace where a span was begun for the request, its context, which takes the place of that in the headers
 */
export function intakeContext (headers: RequestHeaders, epochMs: number, trace?: TraceContext): { ok: true, context: IntakeContext } | { ok: false, errors: readonly FieldError[] } {
  const priority = headerPriority(headers)
  const durability = headers[DURABILITY_HEADER] ?? 'queued'
  const type = headerType(headers)
  const key = headers['idempotency-key']
  const idempotencyKey = typeof key === 'string' ? headerText(key) : key
  const isPriority = !Number.isNaN(priority)
  const isWellFormed = !isIllFormed(type) && !isIllFormed(idempotencyKey)
  if (isPriority && isWellFormed && isDurability(durability) && isAbsentOrKey(idempotencyKey)) {
    return {
      ok: true,
      context: {
        priority, type, idempotencyKey, durability, receivedAt: timestamp(epochMs), trace: trace ?? headerTrace(headers)
      }
    }
  }
  return {
    ok: false,
    errors: [
      ...isPriority ? [] : INVALID_PRIORITY_HEADER,
      ...isDurability(durability) ? [] : [{ field: 'X-Event-Durability', message: `Expected one of ${DURABILITIES.join(', ')}` }],
      ...(isAbsentOrKey(idempotencyKey)
        ? []
        : [{ field: 'Idempotency-Key', message: `Expected 1 to ${MOST_KEY_CHARACTERS} characters` }]),
      ...isIllFormed(type) ? [illFormedError('X-Event-Type')] : [],
      ...isIllFormed(idempotencyKey) ? [illFormedError('Idempotency-Key')] : []
    ]
  }
}

/** The priority that a request's events have for sure before its body is read, if there is one. */
export function priorityBeforeBody (headers: RequestHeaders, otherwise?: () => number | undefined): number | undefined {
  const priority = headerPriority(headers) ?? otherwise?.()
  return Number.isNaN(priority) ? undefined : priority
}

function isDurability (value: unknown): value is Durability {
  return DURABILITIES.includes(value as Durability)
}

function isAbsentOrKey (value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value.length > 0 && value.length <= MOST_KEY_CHARACTERS)
}
