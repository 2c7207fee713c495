import type { FieldError, SendResult } from './event.ts'
import type { Allowance } from './pace.ts'

/** The consequences of an answer for the events of a batch. */
export interface Answer {
  /** For each event in turn: its result, and whether that is final. */
  readonly outcomes: readonly { readonly result: SendResult, readonly isFinal: boolean }[]
  /** The classes to hold back: the class of the batch and those below it, all classes, or none. */
  readonly hold: 'class' | 'all' | 'none'
  /** How long to hold them back; undefined leaves it to the backoff. */
  readonly holdSeconds: number | undefined
  /** The service refused the batch as a whole and may accept it in parts. */
  readonly isToBeSplit: boolean
  /** The rest of a quota; null if the service answered and named none, undefined if nobody knows. */
  readonly allowance?: Allowance | null
}

/** The needed part of a member of `results` in an answer. */
interface Result {
  status?: unknown
  id?: unknown
  durability?: unknown
  reason?: unknown
  retryAfterSeconds?: unknown
  errors?: unknown
}

interface Body extends Result {
  type?: unknown
  results?: unknown
  detail?: unknown
}

/** Statuses below 500 after which the same request may succeed later. */
const LATER = new Set([408, 409, 425])

/** Statuses of answers with a result for each event. */
const BY_EVENT = new Set([202, 207, 400, 403, 409, 429])

/** The reason of a 409 that a retry cannot change: another event is stored under the id. */
const IDENTITY_CONFLICT = 'identity-conflict'

/** The end of the `type` of a refusal because of load, which a service answers with 503 or 429 (SHED_STATUS). */
const LOAD_TYPE = '#temporary-reduced-capacity'

/** The status of an event, and the reason of an answer, if a deadline would pass before a worker could take the event. */
const WOULD_EXPIRE = 'would-expire'

/**
 * Reads an answer to a batch.
 *
 * @param retryAfter seconds of the header, if there was one
 * @param ids of the events in the order of the request
 */
export function readAnswer (
  status: number,
  retryAfter: number | undefined,
  text: string,
  ids: readonly string[]
): Answer {
  const body = parse(text)
  const results = Array.isArray(body.results) && body.results.length === ids.length
    ? body.results as Result[]
    : undefined
  const isShed = isShedBy(status, body)
  if (results !== undefined && (BY_EVENT.has(status) || isShed)) return byEvent(results, retryAfter, ids)
  if (isShed && body.reason === WOULD_EXPIRE)
    return forAll(ids, (id) => ({ status: WOULD_EXPIRE, id, reason: WOULD_EXPIRE }), true)
  if (isShed || status === 429) {
    const seconds = retryAfter ?? numberOf(body.retryAfterSeconds) ?? 1
    const refused = isShed ? 'shed' : 'quota'
    return forAll(
      ids,
      (id) => ({ status: refused, id, reason: textOf(body.reason, refused), retryAfterSeconds: seconds }),
      false,
      'class',
      seconds
    )
  }
  if (status === 409 && body.reason === IDENTITY_CONFLICT) {
    return forAll(
      ids,
      (id) => ({ status: 'invalid', id, reason: IDENTITY_CONFLICT, errors: fieldErrors(body.errors) }),
      true
    )
  }
  if (status < 300 || status >= 500 && status !== 501 || LATER.has(status))
    return unanswered(status < 300 ? 'unreadable-answer' : `http-${status}`, ids, retryAfter)
  if (status === 401 || status === 403) return forAll(ids, ban(status, body), true)
  if ((status === 400 || status === 413) && ids.length > 1)
    return { ...forAll(ids, refusal(status, body), false), isToBeSplit: true }
  return forAll(ids, refusal(status, body), true)
}

/** Returns the consequences of a request without an answer: the events may or may not be stored. */
export function unanswered (reason: string, ids: readonly string[], retryAfter?: number): Answer {
  return forAll(ids, (id) => ({ status: 'unanswered', id, reason }), false, 'all', retryAfter)
}

/** Returns the consequences for events that cannot be sent in a request. */
export function unsendable (message: string, ids: readonly string[]): Answer {
  return forAll(ids, (id) => ({ status: 'invalid', id, reason: 'unsendable', errors: [{ field: '', message }] }), true)
}

function isShedBy (status: number, { type, reason }: Body): boolean {
  return typeof reason === 'string' && (status === 503 || (status === 429 && textOf(type, '').endsWith(LOAD_TYPE)))
}

function byEvent (results: readonly Result[], retryAfter: number | undefined, ids: readonly string[]): Answer {
  const outcomes = results.map((result, index) => outcomeOf(result, ids[index] as string))
  const waits = outcomes.flatMap(({ result }) => 'retryAfterSeconds' in result ? [result.retryAfterSeconds] : [])
  if (waits.length === 0) return { outcomes, hold: 'none', holdSeconds: undefined, isToBeSplit: false }
  return { outcomes, hold: 'class', holdSeconds: Math.max(retryAfter ?? 0, ...waits), isToBeSplit: false }
}

function outcomeOf (
  { status, id, durability, reason, retryAfterSeconds, errors }: Result,
  ownId: string
): Answer['outcomes'][number] {
  const level = typeof durability === 'string' && { durability }
  if (status === 'accepted') return { result: { status, id: ownId, ...level }, isFinal: true }
  if (status === 'duplicate') return { result: { status, id: textOf(id, ownId), ...level }, isFinal: true }
  if (status === 'sampled') return { result: { status, id: ownId }, isFinal: true }
  if (status === WOULD_EXPIRE) return { result: { status, id: ownId, reason: textOf(reason, status) }, isFinal: true }
  if (status === 'forbidden') return { result: { status, id: ownId, reason: textOf(reason, status) }, isFinal: true }
  if (status === 'invalid')
    return {
      result: { status, id: ownId, reason: textOf(reason, 'invalid-event'), errors: fieldErrors(errors) },
      isFinal: true
    }
  if (status === 'shed' || status === 'quota') {
    const seconds = numberOf(retryAfterSeconds) ?? 1
    return { result: { status, id: ownId, reason: textOf(reason, status), retryAfterSeconds: seconds }, isFinal: false }
  }
  return { result: { status: 'unanswered', id: ownId, reason: 'unreadable-answer' }, isFinal: false }
}

function refusal (
  status: number,
  { detail, errors }: { detail?: unknown, errors?: unknown }
): (id: string) => SendResult {
  return (id) => ({ status: 'invalid', id, reason: textOf(detail, `http-${status}`), errors: fieldErrors(errors) })
}

/** A 401 has no reason: only the owner of a key should know what is wrong with it. */
function ban (status: number, { reason, detail }: Body): (id: string) => SendResult {
  const why = textOf(reason, status === 401 ? 'unauthorized' : `http-${status}`)
  return (id) => ({ status: 'forbidden', id, reason: why, ...(typeof detail === 'string' && { detail }) })
}

function forAll (
  ids: readonly string[],
  result: (id: string) => SendResult,
  isFinal: boolean,
  hold: Answer['hold'] = 'none',
  holdSeconds?: number
): Answer {
  return { outcomes: ids.map((id) => ({ result: result(id), isFinal })), hold, holdSeconds, isToBeSplit: false }
}

function parse (text: string): Body {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value as Body : {}
  } catch {
    return {}
  }
}

function fieldErrors (errors: unknown): FieldError[] {
  return Array.isArray(errors) ? errors as FieldError[] : []
}

function textOf (value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}

function numberOf (value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
