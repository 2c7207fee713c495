/** The answer to one event, a value and never an exception. */
export type Decision = typeof ADMITTED | Refusal

export interface Refusal {
  readonly admitted: false
  readonly reason: string
  readonly retryAfterSeconds: number
  /** True when the queue cannot take the event, as opposed to should not: it may be spooled. */
  readonly isSpoolable?: boolean
  /** True when the event was sent to the queue and no answer came: it may be stored. */
  readonly mayBeStored?: boolean
}

/** Shared, because most decisions are this one. */
export const ADMITTED = Object.freeze({ admitted: true as const })
