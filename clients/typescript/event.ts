/** An event to send, in the form of `POST /api/v1/events`. */
export interface SpillwayEvent {
  readonly type: string
  /** Any JSON value. */
  readonly payload: unknown
  /** 1 is critical, 2 to 5 are normal, 6 to 10 low; if absent, the service derives it from the type. */
  readonly priority?: number
  readonly organizationId?: string
  /** Generated if absent. A second event with the same id is a duplicate. */
  readonly id?: string
  /** RFC 3339. */
  readonly occurredAt?: string
  /** RFC 3339. The service delivers the event by then, or not at all. */
  readonly expiresAt?: string
  /** Names what belongs together, such as a session: under pressure all its events are kept or none of them. */
  readonly sampleKey?: string
}

export interface FieldError {
  readonly field: string
  readonly message: string
}

/** Why an event never left the client. */
export type UnsentReason =
  /** There was no room, and no less important event to drop. */
  | 'spool-full'
  /** It was dropped to make room for a more important event. */
  | 'given-up'
  /** It waited for `patienceMs`. */
  | 'out-of-patience'
  | 'aborted'
  | 'closed'

/** The result for one event, always a value: `send` does not reject. */
export type SendResult =
  /** Stored; `durability` is the level that the service met. */
  | { readonly status: 'accepted', readonly id: string, readonly durability?: string }
  /**
   * Stored by an earlier request, perhaps one whose answer was lost. `id` is from its answer; the level may be unknown.
   */
  | { readonly status: 'duplicate', readonly id: string, readonly durability?: string }
  /** Left out of the sample that the service keeps under pressure. It is not stored, and is not sent again. */
  | { readonly status: 'sampled', readonly id: string }
  /** The service refused it because of load or a quota until patience or room ran out; `reason` says why. */
  | {
    readonly status: 'shed' | 'quota', readonly id: string, readonly reason: string, readonly retryAfterSeconds: number
  }
  /** Its deadline would pass before a worker could take it. It is not stored, and is not sent again. */
  | { readonly status: 'would-expire', readonly id: string, readonly reason: string }
  /** The service does not accept it from this producer: its key is missing, unknown, or lacks a right. */
  | { readonly status: 'forbidden', readonly id: string, readonly reason: string, readonly detail?: string }
  /** The service will never accept it unchanged. */
  | { readonly status: 'invalid', readonly id: string, readonly reason: string, readonly errors: readonly FieldError[] }
  /** It was sent, and whether it is stored is unknown: only a retry with the same id can tell. */
  | { readonly status: 'unanswered', readonly id: string, readonly reason: string }
  | { readonly status: 'unsent', readonly id: string, readonly reason: UnsentReason }

/** The classes by which the service sheds load, most important first, with the priorities of each. */
export const CLASSES = [
  { name: 'critical', first: 1, last: 1 },
  { name: 'normal', first: 2, last: 5 },
  { name: 'low', first: 6, last: 10 }
] as const

/** Returns the index in CLASSES. */
export function classOf (priority: number): number {
  return CLASSES.findIndex(({ last }) => priority <= last)
}
