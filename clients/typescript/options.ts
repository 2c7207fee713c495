import type { Clock } from './clock.ts'
import type { RetryBudgetOptions } from './retry-budget.ts'

export interface SpillwayClientOptions {
  /** Address of the service, such as http://127.0.0.1:3000. */
  readonly url: string
  /** The API key of the producer, sent as a bearer token. */
  readonly key?: string
  /** Another bearer token, in UTF-8, instead of a key. */
  readonly token?: string
  /**
   * Further headers of each request, such as `x-event-durability: synced`; not headers of the connection or the body.
   */
  readonly headers?: Readonly<Record<string, string>>
  /** Most events of one request; 512 by default. */
  readonly maxBatchEvents?: number
  /** Size above which a request gets no further event; 1 MiB by default. */
  readonly maxBatchBytes?: number
  /** Size from which a request is compressed with gzip; 16 KiB by default, Infinity for never. */
  readonly compressFromBytes?: number
  /** Most events without an answer, including those in progress; 10,000 by default. */
  readonly maxSpoolEvents?: number
  /** The same in bytes of JSON; 32 MiB by default. */
  readonly maxSpoolBytes?: number
  /** Most requests in progress at once, besides one for critical events; 1 by default. */
  readonly maxRequests?: number
  /**
   * How long the client tries an event; 300,000 by default. Keep it below the IDEMPOTENCY_TTL_MS of the service, after
   * which a retry is a new event.
   */
  readonly patienceMs?: number
  /** How long a request may take; 30,000 by default. */
  readonly requestTimeoutMs?: number
  readonly retryBudget?: RetryBudgetOptions
  /** Priorities by type, for the order of events that name none; the defaults are those of the service. */
  readonly priorities?: Readonly<Record<string, number>>
  /** Makes the ids of events without one; random UUIDs by default. */
  readonly newId?: () => string
  readonly fetch?: typeof fetch
  readonly clock?: Clock
  /** Uniform in [0, 1). */
  readonly random?: () => number
}

export interface SendOptions {
  /** The payload as JSON text, sent byte for byte instead of the output of JSON.stringify. */
  readonly payloadText?: string
  /** Ends the wait: an event that is not in a request is not sent any more. */
  readonly signal?: AbortSignal
  /** W3C trace context; events of different traces travel in different requests. */
  readonly traceparent?: string
}

export const DEFAULT_PRIORITY = 5

/** The default of EVENT_PRIORITIES. */
export const DEFAULT_PRIORITIES: Readonly<Record<string, number>> = {
  scheduled: 1, 'critical-alarm': 1, 'telemetry-data': 5, 'device-state-change': 5, 'batch-operation': 10
}
