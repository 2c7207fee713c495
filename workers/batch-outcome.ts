import type { QueuedEvent } from '../services/event/event.ts'
import type { DeadLetter } from '../services/dead-letters/dead-letter.ts'
import { backoffMs } from './backoff.ts'
import type { Outcome } from '../services/event/outcome.ts'
import { UNTOUCHED } from './run-events.ts'

/** Events that go back to the queue together: same parent, same delay, and all of them tried or none. */
export interface Requeue {
  readonly delayMs: number
  /** Whether they were tried; those that were not keep their place. */
  readonly isRetry: boolean
  readonly events: QueuedEvent[]
  /** Their places in the batch they leave. */
  readonly indexes: number[]
}

/** What has to be written before a batch counts as finished. */
export interface BatchOutcome {
  readonly done: number
  readonly requeues: readonly Requeue[]
  readonly deadLetters: readonly { index: number, letter: DeadLetter }[]
}

export interface OutcomeOptions {
  maxAttempts: number
  backoffBaseMs: number
  /** Uniform in [0, 1); one draw per batch, since events that failed together may well come back as one batch. */
  random: number
}

/** Sorts the events of a batch by what became of them. Pure: it writes nothing. */
export function sortOutcomes (events: readonly QueuedEvent[], outcomes: readonly Outcome[], options: OutcomeOptions): BatchOutcome {
  const requeues = new Map<string, Requeue>()
  const deadLetters: { index: number, letter: DeadLetter }[] = []
  let done = 0
  for (const [index, event] of events.entries()) {
    const outcome = outcomes[index] as Outcome
    const attempt = event.attempt ?? 1
    if (outcome.status === 'done') {
      done++
      continue
    }
    if (outcome.status === 'dead' || isExhausted(event, outcome, options.maxAttempts)) {
      deadLetters.push({ index, letter: { event, reason: outcome.status === 'dead' ? 'refused' : 'attempts-exhausted', error: outcome.detail ?? outcome.reason, attempts: attempt } })
      continue
    }
    const delayMs = outcome.delayMs ?? backoffMs(attempt, options.backoffBaseMs, options.random)
    const isRetry = outcome !== UNTOUCHED
    const group = `${delayMs} ${isRetry}`
    const requeue = requeues.get(group) ?? { delayMs, isRetry, events: [], indexes: [] }
    requeues.set(group, requeue)
    requeue.indexes.push(index)
    requeue.events.push(nextAttempt(event, outcome.countsAsAttempt === false ? attempt : attempt + 1, outcome.completedSteps))
  }
  return { done, requeues: [...requeues.values()], deadLetters }
}

/** What becomes of an event after an attempt that ended like this: of the last one there is no retry. */
export function afterAttempt (event: QueuedEvent, outcome: Outcome, maxAttempts: number): Outcome {
  return outcome.status === 'retry' && isExhausted(event, outcome, maxAttempts) ? { status: 'dead', reason: outcome.reason } : outcome
}

function isExhausted ({ attempt = 1 }: QueuedEvent, outcome: Outcome, maxAttempts: number): boolean {
  return outcome.status === 'retry' && outcome.countsAsAttempt !== false && attempt >= maxAttempts
}

function nextAttempt (event: QueuedEvent, attempt: number, completedSteps: readonly string[] = []): QueuedEvent {
  const steps = [...new Set([...event.completedSteps ?? [], ...completedSteps])]
  return { ...event, ...(attempt > 1 && { attempt }), ...(steps.length > 0 && { completedSteps: steps }) }
}
