import type { QueuedEvent } from '../services/event/event.ts'
import type { DeadLetter } from '../services/dead-letters/dead-letter.ts'
import { hasExpired } from '../services/event/expiry.ts'
import type { Outcome } from '../services/event/outcome.ts'

/** The longest delay of a retry. */
export const MAX_BACKOFF_MS = 300_000

/** Events that go back to the queue together: they share a parent and a delay, and all or none were tried. */
export interface Requeue {
  readonly delayMs: number
  /** Whether the events were tried; untried events keep their place in the queue. */
  readonly isRetry: boolean
  readonly events: QueuedEvent[]
  /** Their places in the original batch. */
  readonly indexes: number[]
}

/** The records to write before a batch counts as finished. */
export interface BatchOutcome {
  readonly done: number
  readonly requeues: readonly Requeue[]
  readonly deadLetters: readonly { index: number, deadLetter: DeadLetter }[]
  /** Places of the events whose deadlines have passed, or will before they are due again. */
  readonly expired: readonly number[]
}

/** Limits on the attempts for an event. */
export interface AttemptLimits {
  readonly maxAttempts: number
  /** How often, and for how many milliseconds, an event can be deferred without using up an attempt. */
  readonly maxDeferrals: number
  readonly maxDeferralMs: number
}

export interface OutcomeOptions extends AttemptLimits {
  backoffBaseMs: number
  /** Uniform in [0, 1); one draw per batch, so that events which failed together can be retried as one batch. */
  random: number
  /** Milliseconds since 1970. */
  now: number
  /** The same by the clock that decides deadlines. */
  trustedNow: () => number
}

/** Sorts the events of a batch by their outcomes. Pure: it writes nothing. */
export function sortOutcomes (
  events: readonly QueuedEvent[],
  outcomes: readonly Outcome[],
  options: OutcomeOptions
): BatchOutcome {
  const requeues = new Map<string, Requeue>()
  const deadLetters: { index: number, deadLetter: DeadLetter }[] = []
  const expired: number[] = []
  let done = 0
  for (const [index, event] of events.entries()) {
    const outcome = outcomes[index] as Outcome
    const attempt = event.attempt ?? 1
    if (outcome.status === 'done') {
      done++
      continue
    }
    if (outcome.status === 'expired') {
      expired.push(index)
      continue
    }
    if (outcome.status === 'dead' || isExhausted(event, outcome, options, options.now)) {
      deadLetters.push({
        index,
        deadLetter: {
          event,
          reason: outcome.status === 'dead' ? 'refused' : 'attempts-exhausted',
          error: outcome.detail ?? outcome.reason,
          attempts: attempt
        }
      })
      continue
    }
    const delayMs = outcome.delayMs ?? backoffMs(attempt, options.backoffBaseMs, options.random)
    if (hasExpired(event, options.trustedNow, delayMs)) {
      expired.push(index)
      continue
    }
    // An event that no handler saw keeps its place in the queue.
    const isRetry = outcome.countsAsAttempt !== false || outcome.deferral !== undefined
    const group = `${delayMs} ${isRetry}`
    const requeue = requeues.get(group) ?? { delayMs, isRetry, events: [], indexes: [] }
    requeues.set(group, requeue)
    requeue.indexes.push(index)
    requeue.events.push(nextRun(event, outcome, options))
  }
  return { done, requeues: [...requeues.values()], deadLetters, expired }
}

/**
 * Returns the outcome of an event after an attempt: the last attempt has no retry. `now` is milliseconds since 1970.
 */
export function afterAttempt (event: QueuedEvent, outcome: Outcome, limits: AttemptLimits, now: number): Outcome {
  return outcome.status === 'retry' && isExhausted(event, outcome, limits, now)
    ? { status: 'dead', reason: outcome.reason }
    : outcome
}

function isExhausted (event: QueuedEvent, outcome: Outcome, limits: AttemptLimits, now: number): boolean {
  return (
    outcome.status === 'retry' &&
    usesUpAttempt(event, outcome, limits, now) &&
    (event.attempt ?? 1) >= limits.maxAttempts
  )
}

function usesUpAttempt ({ deferrals }: QueuedEvent, outcome: Outcome, limits: AttemptLimits, now: number): boolean {
  if (outcome.status !== 'retry' || outcome.countsAsAttempt !== false) return true
  if (outcome.deferral === undefined) return false
  const isOften = (deferrals?.count ?? 0) >= limits.maxDeferrals
  return isOften || (outcome.deferral === 'own' && now - (deferrals?.sinceMs ?? now) >= limits.maxDeferralMs)
}

function nextRun (
  event: QueuedEvent,
  outcome: Extract<Outcome, { status: 'retry' }>,
  { now, ...limits }: OutcomeOptions
): QueuedEvent {
  const attempt = (event.attempt ?? 1) + (usesUpAttempt(event, outcome, limits, now) ? 1 : 0)
  const steps = [...new Set([...event.completedSteps ?? [], ...outcome.completedSteps ?? []])]
  return {
    ...event,
    ...(attempt > 1 && { attempt }),
    ...(outcome.deferral !== undefined && {
      deferrals: { count: (event.deferrals?.count ?? 0) + 1, sinceMs: event.deferrals?.sinceMs ?? now }
    }),
    ...(steps.length > 0 && { completedSteps: steps })
  }
}

/**
 * Returns the exponential backoff in milliseconds. Half of it is random, to spread retries of events that failed
 * together.
 *
 * @param attempt the number of the failed attempt, from 1
 * @param random uniform in [0, 1)
 */
export function backoffMs (attempt: number, baseMs: number, random: number): number {
  const ceiling = Math.min(MAX_BACKOFF_MS, baseMs * 2 ** (attempt - 1))
  return Math.round(ceiling / 2 + random * ceiling / 2)
}
