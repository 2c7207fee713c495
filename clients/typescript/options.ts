import type { Clock } from './clock.ts'
import type { RetryBudgetOptions } from './retry-budget.ts'

export interface SpillwayClientOptions {
  /** Address of the service, such as http://127.0.0.1:3000. */
  readonly url: string
  /** Sent as a bearer token, in UTF-8. */
  readonly token?: string
  /** Further headers of each request, such as `x-event-durability: synced`; none of the connection or the body. */
  readonly headers?: Readonly<Record<string, string>>
  /** Most events of one request; 512 by default. */
  readonly maxBatchEvents?: number
  /** A request takes no further event above this size; 1 MiB by default. */
  readonly maxBatchBytes?: number
  /** Most events without an answer, those in progress included; 10,000 by default. */
  readonly maxSpoolEvents?: number
  /** The same in bytes of JSON; 32 MiB by default. */
  readonly maxSpoolBytes?: number
  /** Requests in progress at once beside those of critical events, which have one of their own; 1 by default. */
  readonly maxRequests?: number
  /** How long an event is tried. Keep it below the IDEMPOTENCY_TTL_MS of the service, after which a retry is a new event; 300,000 by default. */
  readonly patienceMs?: number
  /** How long a request may take; 30,000 by default. */
  readonly requestTimeoutMs?: number
  readonly retryBudget?: RetryBudgetOptions
  /** Priorities of types that have none of their own in the event, to order them by; the defaults are those of the service. */
  readonly priorities?: Readonly<Record<string, number>>
  /** The ids of events that have none; random UUIDs by default. */
  readonly newId?: () => string
  readonly fetch?: typeof fetch
  readonly clock?: Clock
  /** Uniform in [0, 1). */
  readonly random?: () => number
}

export interface SendOptions {
  /** The payload as JSON text, which is sent byte for byte in place of what JSON.stringify makes of the payload. */
  readonly payloadText?: string
  /** Ends the waiting: an event that is not in progress is not sent any more. */
  readonly signal?: AbortSignal
  /** W3C trace context; events of different traces travel in different requests. */
  readonly traceparent?: string
}

export const DEFAULT_PRIORITY = 5

/** The default of EVENT_PRIORITIES. */
export const DEFAULT_PRIORITIES: Readonly<Record<string, number>> = {
  scheduled: 1, 'critical-alarm': 1, 'telemetry-data': 5, 'device-state-change': 5, 'batch-operation': 10
}
