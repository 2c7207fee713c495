/*
 * The headers of a request with events, read once. A request that is refused unread costs only the reading of its media
 * type and priority; the rest is read with the body.
 */
import { HIGHEST_PRIORITY, LOWEST_PRIORITY } from '../admission/priority-class.ts'
import { attributeText, WHOLE_NUMBER } from '../event/attribute-header.ts'
import { TELEMETRY_TYPE } from '../event/datastream.ts'
import { isDateTime } from '../event/date-time.ts'
import { DURABILITIES, DURABILITY_HEADER, type Durability } from '../event/durability.ts'
import { epochMsOf } from '../event/expiry.ts'
import type { FieldError } from '../event/field-error.ts'
import { MOST_KEY_CHARACTERS } from '../event/idempotency-key.ts'
import type { PriorityMap } from '../event/priority-map.ts'
import type { RequestHeaders } from '../event/request-headers.ts'
import { timestamp } from '../event/timestamp.ts'
import { headerTrace, type TraceContext } from '../event/trace-context.ts'
import { headerText, illFormedError, isIllFormed } from '../event/well-formed.ts'
import { ANONYMOUS, type Producer } from '../producer/producer.ts'
import { CLOUD_EVENT_TYPE, mediaTypeOf, NDJSON_TYPES } from './content-type.ts'

const PRIORITY_HEADER = 'x-event-priority'
const TYPE_HEADER = 'x-event-type'

/** The forms of bodies: one event, one telemetry reading, or many events. */
export type IntakeForm = 'event' | 'reading' | 'batch'

/** The headers of a request that concern its events, with their precedence over the body. */
export interface IntakeContext {
  /** The sender; its rights hold for every event of the request. */
  producer: Producer
  /** From the header X-Event-Priority; precedes everything in the body. */
  priority?: number | undefined
  /** From the header X-Event-Type; used if the body has no type. */
  type?: string | undefined
  /**
   * From the header Idempotency-Key; precedes ids in the body. In a body of many events the key includes their places.
   */
  idempotencyKey?: string | undefined
  /** From the header X-Event-Durability. */
  durability: Durability
  /** RFC 3339. */
  receivedAt: string
  /** From the headers traceparent and tracestate; a CloudEvent's own trace precedes it. */
  trace?: TraceContext | undefined
}

export type ReadContext = { ok: true, context: IntakeContext } | { ok: false, errors: readonly FieldError[] }

export class RequestHead {
  readonly headers: RequestHeaders
  readonly producer: Producer
  /** In lower case, without parameters; empty without a Content-Type. */
  readonly mediaType: string
  /** The priority that is certain before the body is read; undefined if there is none or it is invalid. */
  readonly surePriority: number | undefined
  readonly #form: IntakeForm
  /** NaN if the header is invalid. */
  readonly #priority: number | undefined

  constructor (headers: RequestHeaders, form: IntakeForm, priorities: PriorityMap, producer: Producer = ANONYMOUS) {
    this.headers = headers
    this.producer = producer
    this.#form = form
    this.mediaType = mediaTypeOf(headers)
    this.#priority = priorityIn(headers[PRIORITY_HEADER])
    const priority = priorities.resolve({ header: this.#priority, ...this.#ownBeforeBody(form) })
    this.surePriority = Number.isNaN(priority) ? undefined : priority
  }

  /** The deadline of a binary CloudEvent, milliseconds since 1970; its headers name it before the body is read. */
  get expiresAt (): number | undefined {
    const { 'ce-expirytime': text } = this.headers
    if (text === undefined || this.#form !== 'event' || !this.isBinaryCloudEvent) return undefined
    return typeof text === 'string' && isDateTime(text) ? epochMsOf(text) : undefined
  }

  /** Whether the body is a stream of lines, which the service reads at the pace of the queue. */
  get isStream (): boolean { return (NDJSON_TYPES as readonly string[]).includes(this.mediaType) }

  /** Whether the request is a CloudEvent in binary mode: its attributes are in headers, its body is the data. */
  get isBinaryCloudEvent (): boolean {
    return this.headers['ce-specversion'] !== undefined && this.mediaType !== CLOUD_EVENT_TYPE
  }

  /** Reads the other headers, or returns their errors; `trace` belongs to a span of the request. */
  context (epochMs: number, trace?: TraceContext): ReadContext {
    const { headers } = this
    const durability = headers[DURABILITY_HEADER] ?? 'queued'
    const type = typeIn(headers[TYPE_HEADER])
    const key = headers['idempotency-key']
    const idempotencyKey = typeof key === 'string' ? headerText(key) : key
    const priority = this.#priority
    const isWellFormed = !isIllFormed(type) && !isIllFormed(idempotencyKey)
    if (!Number.isNaN(priority) && isWellFormed && isDurability(durability) && isAbsentOrKey(idempotencyKey)) {
      return {
        ok: true,
        context: {
          producer: this.producer,
          priority,
          type,
          idempotencyKey,
          durability,
          receivedAt: timestamp(epochMs),
          trace: trace ?? headerTrace(headers)
        }
      }
    }
    return {
      ok: false,
      errors: [
        ...Number.isNaN(priority) ? [WRONG_PRIORITY] : [],
        ...isDurability(durability) ? [] : [WRONG_DURABILITY],
        ...isAbsentOrKey(idempotencyKey) ? [] : [WRONG_KEY],
        ...isIllFormed(type) ? [illFormedError('X-Event-Type')] : [],
        ...isIllFormed(idempotencyKey) ? [illFormedError('Idempotency-Key')] : []
      ]
    }
  }

  /** A binary CloudEvent has its type and priority in headers, and a route for readings knows their type. */
  #ownBeforeBody (form: IntakeForm): { own: number | undefined, type: string | undefined } {
    if (form === 'reading') return { own: undefined, type: TELEMETRY_TYPE }
    if (form === 'batch' || !this.isBinaryCloudEvent) return { own: undefined, type: undefined }
    const { 'ce-priority': priority, 'ce-type': type } = this.headers
    return {
      own: priorityIn(typeof priority === 'string' ? attributeText(priority) : priority),
      type: attributeText(String(type))
    }
  }
}

const WRONG_PRIORITY: FieldError = {
  field: 'X-Event-Priority', message: `Expected an integer from ${HIGHEST_PRIORITY} to ${LOWEST_PRIORITY}`
}
const WRONG_DURABILITY: FieldError = {
  field: 'X-Event-Durability', message: `Expected one of ${DURABILITIES.join(', ')}`
}
const WRONG_KEY: FieldError = { field: 'Idempotency-Key', message: `Expected 1 to ${MOST_KEY_CHARACTERS} characters` }

/** Reads a priority from a header: undefined if it is absent, NaN if it is invalid. */
function priorityIn (value: string | string[] | undefined): number | undefined {
  if (value === undefined) return undefined
  const priority = typeof value === 'string' && WHOLE_NUMBER.test(value) ? Number(value) : NaN
  return priority >= HIGHEST_PRIORITY && priority <= LOWEST_PRIORITY ? priority : NaN
}

function typeIn (value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? headerText(value) : undefined
}

function isDurability (value: unknown): value is Durability {
  return DURABILITIES.includes(value as Durability)
}

function isAbsentOrKey (value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value.length > 0 && value.length <= MOST_KEY_CHARACTERS)
}
