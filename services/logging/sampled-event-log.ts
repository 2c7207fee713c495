import type { Logger } from 'pino'
import type { Refusal } from '../admission/refusal.ts'
import { IDENTITY_CONFLICT } from '../event/identity-conflict.ts'
import type { QueuedEvent } from '../event/event.ts'
import type { Outcome } from '../event/outcome.ts'
import { isSampled, traceIdOf, type TraceContext } from '../event/trace-context.ts'
import type { Publication } from '../intake/event-bus.ts'
import { limitedPerSecond } from './limited-log.ts'

/** Most lines of one kind that a process writes in a second; a busy service must not spend its time on logging. */
const MOST_LINES_PER_SECOND = 100

type Fields = Record<string, unknown>

/** Logs the results of events of sampled traces, a line each; never their content. */
export class SampledEventLog {
  readonly #accept: (fields: Fields) => void
  readonly #refuse: (fields: Fields) => void
  readonly #handle: (fields: Fields) => void

  /** @param now milliseconds, of any clock that does not go back */
  constructor (log: Logger, now: () => number) {
    this.#accept = limitedPerSecond(
      MOST_LINES_PER_SECOND,
      (fields, suppressed) =>
        log.info({ event: 'event-accepted', ...fields, suppressed }, 'an event of a sampled trace was stored'),
      now
    )
    this.#refuse = limitedPerSecond(
      MOST_LINES_PER_SECOND,
      (fields, suppressed) =>
        log.info({ event: 'event-refused', ...fields, suppressed }, 'an event of a sampled trace was refused'),
      now
    )
    this.#handle = limitedPerSecond(
      MOST_LINES_PER_SECOND,
      (fields, suppressed) =>
        log.info({ event: 'event-handled', ...fields, suppressed }, 'a worker processed an event of a sampled trace'),
      now
    )
  }

  /** Logs the result of an event at admission. */
  published (event: QueuedEvent, publication: Publication): void {
    const identity = identityOf(event)
    if (identity === undefined) return
    switch (publication.status) {
      case 'accepted':
        return this.#accept({ ...identity, status: publication.status, durability: publication.durability })
      case 'duplicate':
        return this.#accept({ ...identity, status: publication.status, id: publication.id })
      case 'conflict':
        return this.#refuse({ ...identity, reason: IDENTITY_CONFLICT })
      case 'in-flight':
        return this.#refuse({ ...identity, reason: publication.status })
      case 'refused':
        return this.#refuse({
          ...identity,
          reason: publication.refusal.reason,
          retryAfterSeconds: publication.refusal.retryAfterSeconds
        })
    }
  }

  /** Logs that a request was refused unread. */
  refusedUnread (trace: TraceContext | undefined, priority: number, { reason, retryAfterSeconds }: Refusal): void {
    if (trace !== undefined && isSampled(trace))
      this.#refuse({ traceId: traceIdOf(trace), priority, reason, retryAfterSeconds })
  }

  /** Logs the result of an attempt. */
  handled (event: QueuedEvent, outcome: Outcome): void {
    const identity = identityOf(event)
    if (identity === undefined) return
    this.#handle({
      ...identity,
      attempt: event.attempt ?? 1,
      outcome: outcome.status,
      ...(outcome.status !== 'done' && { reason: outcome.reason })
    })
  }
}

/** Returns undefined for an event without a sampled trace. */
function identityOf ({ id, type, priority, trace }: QueuedEvent): Fields | undefined {
  return trace === undefined || !isSampled(trace) ? undefined : { traceId: traceIdOf(trace), id, type, priority }
}
