/*
 * How deliveries keep to what the consumer sustains. Pure: every function takes a pace and the time and answers a new pace.
 *
 *   failing    each wave of failures doubles the pause, 250 ms to 30 s, until one delivery succeeds
 *   busy       the consumer itself said when to come back
 *
 * Batches travel side by side, so an outage makes many of them fail at once. They are one wave and one step: only a
 * delivery that was started after the last failure tells that the pause was too short.
 */
export const FIRST_PAUSE_MS = 250
export const MAX_PAUSE_MS = 30_000

export interface Pace {
  /** Waves of failures since the last success. */
  readonly failures: number
  /** When the last wave began. This and the other times are in milliseconds of the caller's clock. */
  readonly failedAt: number
  /** End of the pause that the failures call for. */
  readonly resumeAt: number
  /** End of the pause that the consumer asked for. */
  readonly heldUntil: number
}

export const STEADY: Pace = Object.freeze({ failures: 0, failedAt: -Infinity, resumeAt: -Infinity, heldUntil: -Infinity })

/** The pause after so many waves of failures in a row, the first being 1. */
export function outagePauseMs (failures: number): number {
  return Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1))
}

/** The pace after a whole delivery failed. */
export function afterFailure (pace: Pace, startedAt: number, now: number): Pace {
  if (startedAt <= pace.failedAt) return pace
  const failures = pace.failures + 1
  return { ...pace, failures, failedAt: now, resumeAt: now + outagePauseMs(failures) }
}

/** The pace after the consumer asked for patience. */
export function afterBusy (pace: Pace, waitMs: number, now: number): Pace {
  return { ...pace, heldUntil: Math.max(pace.heldUntil, now + waitMs) }
}

/** The pace after the consumer dealt with a delivery: failures are forgotten, what it asked for is not. */
export function afterAnswer (pace: Pace): Pace {
  return { ...STEADY, heldUntil: pace.heldUntil }
}

/** Tells whether the last thing that was heard of the consumer is a failure. */
export function isFailing (pace: Pace): boolean {
  return pace.failures > 0
}

/** Milliseconds until the next delivery may start; 0 means now. */
export function pauseMs (pace: Pace, now: number): number {
  return Math.max(0, Math.ceil(Math.max(pace.resumeAt, pace.heldUntil) - now))
}
