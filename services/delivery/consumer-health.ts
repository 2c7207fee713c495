/*
 * Knows of the consumer what one worker has seen: whether it takes events, or fails as a whole. Pure: every function
 * takes the health and the time, and answers a new health.
 *
 *              REFUSED_IN_A_ROW different batches,             no connection, or as many batches
 *              nothing accepted since the first                without an answer
 *   failing ◄─────────────────────────────────── taking ───────────────────────────────────► out of reach
 *      │                                            ▲                                              │
 *      └───────────────── one event accepted ───────┴───────────────── one event accepted ─────────┘
 *
 * A consumer that fails has said so itself: all workers pause. A consumer out of reach is the affair of the one worker
 * that cannot reach it. In both states one event asks whether that is over; each one that fails doubles the pause, 250
 * ms to 30 s.
 *
 * Batches travel side by side, so many fail at once when a consumer goes away. They are one wave and one step: only a
 * call that began after the last failure tells that the pause was too short.
 */
export const FIRST_PAUSE_MS = 250
export const MAX_PAUSE_MS = 30_000

/** So many different batches refused in a row point to the consumer, not to events. */
const REFUSED_IN_A_ROW = 3

/** A consumer that asked for a longer wait is asked again before it is over. */
export const OBEYED_WAIT_MS = 5_000

/** How a batch came back without a single event accepted. */
export type Refusal =
  | { readonly by: 'consumer', readonly waitMs?: number | undefined }
  /** There was a connection and no answer. */
  | { readonly by: 'silence' }
  /** There was no connection. */
  | { readonly by: 'distance' }

export interface Health {
  readonly state: 'taking' | 'failing' | 'out-of-reach'
  /** The batches refused since the last success, each by its events; no longer kept once the state says it. */
  readonly refused: readonly { readonly by: Refusal['by'], readonly events: ReadonlySet<string> }[]
  /** Waves of failures since the state was entered. */
  readonly failures: number
  /** When the last wave began. This and the other times are in milliseconds of the caller's clock. */
  readonly failedAt: number
  readonly succeededAt: number
  /** How long the pause after the last failure is. */
  readonly pauseMs: number
}

export const TAKING: Health = Object.freeze({
  state: 'taking', refused: Object.freeze([]), failures: 0, failedAt: -Infinity, succeededAt: -Infinity, pauseMs: 0
})

/** The health after the consumer accepted an event. */
export function afterSuccess (now: number): Health {
  return { ...TAKING, succeededAt: now }
}

/** The health after a batch of which nothing was accepted. Batches that share one of `events` count once. */
export function afterRefusal (
  health: Health, refusal: Refusal, events: readonly string[], startedAt: number, now: number
): Health {
  if (startedAt < health.succeededAt) return health
  const state = refusal.by === 'consumer' ? 'failing' : 'out-of-reach'
  if (health.state === state) return failedOnce(health, refusal, startedAt, now)
  if (health.state === 'failing') return failedOnce({ ...health, state }, refusal, startedAt, now)
  // A consumer that was out of reach and refuses has answered: one refusal says nothing yet.
  const refused = health.state === 'taking' ? noted(health.refused, refusal.by, events) : noted([], refusal.by, events)
  const next: Health = { ...health, state: 'taking', refused, failures: 0 }
  const isFailing = refused.filter(({ by }) => by === 'consumer').length >= REFUSED_IN_A_ROW
  if (isFailing) return failedOnce({ ...next, state: 'failing', refused: [] }, refusal, Infinity, now)
  const isOutOfReach = refusal.by === 'distance' || refused.length >= REFUSED_IN_A_ROW
  return isOutOfReach ? failedOnce({ ...next, state: 'out-of-reach', refused: [] }, refusal, Infinity, now) : next
}

/** The health after another worker was seen to make all pause for this long: one event asks first. */
export function afterPauseSeen (health: Health, pausedForMs: number, now: number): Health {
  // A reading may be older than the last success.
  if (health.state === 'failing' || now - health.succeededAt < FIRST_PAUSE_MS) return health
  const failures = Math.max(health.failures, Math.floor(Math.log2(Math.max(1, pausedForMs / FIRST_PAUSE_MS))))
  return { ...health, state: 'failing', refused: [], failures, pauseMs: 0 }
}

/** The pause after so many waves of failures in a row, the first being 1, when the consumer asked for `waitMs`. */
export function pauseMsAfter (failures: number, waitMs = 0): number {
  const growing = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1))
  return Math.max(growing, Math.min(waitMs, OBEYED_WAIT_MS))
}

function failedOnce (health: Health, refusal: Refusal, startedAt: number, now: number): Health {
  if (startedAt <= health.failedAt) return health
  const failures = health.failures + 1
  return {
    ...health,
    failures,
    failedAt: now,
    pauseMs: pauseMsAfter(failures, refusal.by === 'consumer' ? refusal.waitMs : 0)
  }
}

function noted (refused: Health['refused'], by: Refusal['by'], events: readonly string[]): Health['refused'] {
  // A batch that shares an event with an earlier one takes its place: pieces of one batch become different ones,
  // repetitions do not.
  const others = refused.filter((batch) => !events.some((event) => batch.events.has(event)))
  return [...others, { by, events: new Set(events) }]
}
