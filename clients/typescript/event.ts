/** An event to send: the form that `POST /api/v1/events` takes. */
export interface SpillwayEvent {
  readonly type: string
  /** Any value that JSON has. */
  readonly payload: unknown
  /** 1 is critical, 2 to 5 are normal, 6 to 10 low; the service decides by the type when it is absent. */
  readonly priority?: number
  readonly organizationId?: string
  /** Generated when absent. A second event with the same id is the same event. */
  readonly id?: string
  /** RFC 3339. */
  readonly occurredAt?: string
}

export interface FieldError {
  readonly field: string
  readonly message: string
}

/** Why an event never left the client. */
export type UnsentReason =
  /** It does not fit, and nothing less important could be given up for it. */
  | 'spool-full'
  /** A more important event needed its place. */
  | 'given-up'
  /** It waited for as long as `patienceMs` allows. */
  | 'out-of-patience'
  | 'aborted'
  | 'closed'

/** The result for one event. It is a value in every case; `send` does not reject. */
export type SendResult =
  /** Stored; the durability is the level that the service has met. */
  | { readonly status: 'accepted', readonly id: string, readonly durability?: string }
  /** Stored by an earlier request, a lost answer among them; `id` is what was answered then. The level is there when it is known. */
  | { readonly status: 'duplicate', readonly id: string, readonly durability?: string }
  /** The service refused it because of load or a quota until patience or place ran out; `reason` says why. */
  | {
    readonly status: 'shed' | 'quota', readonly id: string, readonly reason: string, readonly retryAfterSeconds: number
  }
  /** The service will never take it as it is, or not from this producer. */
  | { readonly status: 'invalid', readonly id: string, readonly reason: string, readonly errors: readonly FieldError[] }
  /** It was sent and nobody knows whether it is stored: only a repetition with the same id can tell. */
  | { readonly status: 'unanswered', readonly id: string, readonly reason: string }
  | { readonly status: 'unsent', readonly id: string, readonly reason: UnsentReason }

/** The classes that load is shed by, most important first, with the priorities of each. */
export const CLASSES = [
  { name: 'critical', first: 1, last: 1 },
  { name: 'normal', first: 2, last: 5 },
  { name: 'low', first: 6, last: 10 }
] as const

/** Index in CLASSES. */
export function classOf (priority: number): number {
  return CLASSES.findIndex(({ last }) => priority <= last)
}
