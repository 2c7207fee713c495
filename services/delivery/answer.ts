/*
 * What an answer of the consumer means for the events it was sent. No I/O, no clock.
 */
import type { Outcome } from '../event/outcome.ts'
import { retryAfterMs } from './retry-after.ts'

export interface Answer {
  status: number
  retryAfter: string | null
  /** Undefined when it is longer than we read, or broke off. */
  body: string | undefined
}

/** What an answer says of the consumer: it decided, it asked for patience, or it is failing. */
export type Verdict =
  | { consumer: 'answered' | 'failing', outcomes: Outcome[] }
  | { consumer: 'busy', outcomes: Outcome[], waitMs: number }

/** Statuses of the 4xx range that say nothing about the events. */
const TRANSIENT = new Set([408, 425])

const EXCERPT_LENGTH = 200

/**
 * Reads an answer as one outcome per event.
 *
 * @param ids ids of the events sent, in their order; an id may occur more than once
 * @param now milliseconds since 1970, for a Retry-After that is a date
 */
export function readAnswer ({ status, retryAfter, body }: Answer, ids: readonly string[], now: number): Verdict {
  const forAll = (outcome: Outcome): Outcome[] => ids.map(() => outcome)
  const reason = `consumer answered ${status}`
  if (status === 207) return readResults(body, ids) ?? { consumer: 'failing', outcomes: forAll({ status: 'retry', reason: `${reason} with a body that lists no results` }) }
  if (status >= 200 && status < 300) return { consumer: 'answered', outcomes: forAll({ status: 'done' }) }
  if (status === 429 || status === 503) {
    const waitMs = retryAfterMs(retryAfter, now)
    return { consumer: 'busy', waitMs, outcomes: forAll({ status: 'retry', reason, delayMs: waitMs, countsAsAttempt: false }) }
  }
  if (status >= 500 || TRANSIENT.has(status)) return { consumer: 'failing', outcomes: forAll({ status: 'retry', reason }) }
  return { consumer: 'answered', outcomes: forAll({ status: 'dead', reason, ...detailed(reason, body) }) }
}

/** Of several results for one id the most careful counts: an event too many is better than one lost. */
const CAUTION = { done: 0, dead: 1, retry: 2 }

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
  return { consumer: 'answered', outcomes: ids.map((id) => outcomes.get(id) ?? missing) }
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

/** The reason with the beginning of what the consumer had to say, on one line, for a dead letter. */
function detailed (reason: string, text: string | undefined): { detail?: string } {
  const line = text?.replace(/[\s\p{Cc}]+/gu, ' ').trim() ?? ''
  if (line === '') return {}
  return { detail: `${reason}: ${line.length > EXCERPT_LENGTH ? `${line.slice(0, EXCERPT_LENGTH)}…` : line}` }
}
