/*
 * Derives the outcomes of the events of a call from the answer of the consumer. No I/O, no clock.
 */
import type { Outcome } from '../event/outcome.ts'
import { retryAfterMs } from './retry-after-header.ts'

export interface Answer {
  status: number
  retryAfter: string | null
  /** Undefined if it exceeded the limit, or broke off. */
  body: string | undefined
}

/** The reason for refusing a call as a whole, and the fate of an event that is refused alone. */
export interface CallRefusal {
  readonly fate: 'dead' | 'retry' | 'put-off'
  /** For logs: quotes neither payloads nor answers. */
  readonly reason: string
  readonly detail?: string
  /** The wait that the consumer asked for. */
  readonly waitMs?: number
  /** The consumer says that the call is too large. */
  readonly isAboutSize?: boolean
}

/** The meaning of an answer: an outcome for each event, or a refusal of all. */
export type Verdict =
  | { kind: 'decided', outcomes: Outcome[] }
  | { kind: 'refused', refusal: CallRefusal }

/** Statuses of the 4xx range that say nothing about the events. */
const TRANSIENT = new Set([408, 425])
const TOO_LARGE = 413

const EXCERPT_LENGTH = 200

/** Reads the answer for events of these ids, which may repeat; a Retry-After that is a date is relative to `now`. */
export function readAnswer (
  { status, retryAfter, body }: Answer, ids: readonly string[], now: number, mostWaitMs: number
): Verdict {
  const reason = `consumer answered ${status}`
  if (status === 207) {
    return (
      readResults(body, ids) ?? {
        kind: 'refused',
        refusal: { fate: 'retry', reason: `${reason} with a body that lists no results` }
      }
    )
  }
  if (status >= 200 && status < 300) return { kind: 'decided', outcomes: ids.map(() => ({ status: 'done' })) }
  if (status === 429 || status === 503) {
    return { kind: 'refused', refusal: { fate: 'put-off', reason, waitMs: retryAfterMs(retryAfter, now, mostWaitMs) } }
  }
  if (status >= 500 || TRANSIENT.has(status)) return { kind: 'refused', refusal: { fate: 'retry', reason } }
  return {
    kind: 'refused',
    refusal: { fate: 'dead', reason, ...detailed(reason, body), ...(status === TOO_LARGE && { isAboutSize: true }) }
  }
}

/** If an id has several results, the most careful one counts: a repeated event is better than a lost one. */
const CAUTION: Record<Outcome['status'], number> = { done: 0, expired: 0, dead: 1, retry: 2 }

function readResults (body: string | undefined, ids: readonly string[]): Verdict | undefined {
  const results = parseResults(body)
  if (results === undefined) return undefined
  const outcomes = new Map<string, Outcome>()
  for (const result of results as (Partial<Record<string, unknown>> | null)[]) {
    const outcome = outcomeOf(result?.status, result?.reason)
    if (typeof result?.id !== 'string' || outcome === undefined) continue
    const known = outcomes.get(result.id)
    if (known === undefined || CAUTION[outcome.status] > CAUTION[known.status]) outcomes.set(result.id, outcome)
  }
  const missing: Outcome = { status: 'retry', reason: 'consumer answered 207 without a result for this event' }
  return { kind: 'decided', outcomes: ids.map((id) => outcomes.get(id) ?? missing) }
}

function parseResults (body: string | undefined): unknown[] | undefined {
  try {
    const results: unknown = JSON.parse(body ?? '')?.results
    return Array.isArray(results) ? results : undefined
  } catch {
    return undefined
  }
}

function outcomeOf (status: unknown, detail: unknown): Outcome | undefined {
  switch (status) {
    case 'done': return { status }
    case 'retry':
    case 'dead': {
      const reason = `consumer answered ${status}`
      return { status, reason, ...detailed(reason, typeof detail === 'string' ? detail : undefined) }
    }
    default: return undefined
  }
}

/** Returns the reason with the beginning of the consumer's answer on one line, for a dead letter. */
function detailed (reason: string, text: string | undefined): { detail?: string } {
  const line = text?.replace(/[\s\p{Cc}]+/gu, ' ').trim() ?? ''
  if (line === '') return {}
  return { detail: `${reason}: ${line.length > EXCERPT_LENGTH ? `${line.slice(0, EXCERPT_LENGTH)}…` : line}` }
}
