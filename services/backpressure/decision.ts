/** The answer to one event, a value and never an exception. */
export type Decision = typeof ADMITTED | Refusal

export interface Refusal {
  readonly admitted: false
  readonly reason: string
  readonly retryAfterSeconds: number
  /** True when the queue cannot take the event, as opposed to should not: it may be spooled. */
  readonly isSpoolable?: boolean
  /** True when it is not known whether the event was stored all the same, or will be. */
  readonly mayBeStored?: boolean
}

/** Shared, because most decisions are this one. */
export const ADMITTED = Object.freeze({ admitted: true as const })
