/*
 * The health of the consumer as one worker sees it: it accepts events, fails, or is out of reach. Pure: every function
 * takes the health and the time, and returns a new health.
 *
 *              REFUSED_IN_A_ROW different batches,             no connection, or as many batches
 *              nothing accepted since the first                without an answer
 *   failing ◄─────────────────────────────────── taking ───────────────────────────────────► out of reach
 *      │                                            ▲                                              │
 *      └───────────────── one event accepted ───────┴───────────────── one event accepted ─────────┘
 *
 * If the consumer itself fails, all workers pause. If it is out of reach, only the worker that cannot reach it waits.
 * In both states one event probes the consumer; each failed probe doubles the pause, 250 ms to 30 s.
 *
 * Batches are sent in parallel, so many fail at once when a consumer fails. They are one wave and one step: only the
 * failure of a call that began after the last failure shows that the pause was too short.
 */
export const FIRST_PAUSE_MS = 250
export const MAX_PAUSE_MS = 30_000

/** This many different refused batches in a row indicate a fault of the consumer, not of events. */
const REFUSED_IN_A_ROW = 3

/** The consumer is probed after this time even if it asked for a longer wait. */
export const OBEYED_WAIT_MS = 5_000

/** How a batch ended of which the consumer accepted no event. */
export type Refusal =
  | { readonly by: 'consumer', readonly waitMs?: number | undefined }
  /** There was a connection and no answer. */
  | { readonly by: 'silence' }
  /** There was no connection. */
  | { readonly by: 'distance' }

export interface Health {
  readonly state: 'taking' | 'failing' | 'out-of-reach'
  /** The batches refused since the last success, each with its events; emptied once the state has changed. */
  readonly refused: readonly { readonly by: Refusal['by'], readonly events: ReadonlySet<string> }[]
  /** Waves of failures since the state was entered. */
  readonly failures: number
  /** The begin of the last wave. All times are in milliseconds of the caller's clock. */
  readonly failedAt: number
  readonly succeededAt: number
  /** The length of the pause after the last failure. */
  readonly pauseMs: number
}

export const TAKING: Health = Object.freeze({
  state: 'taking', refused: Object.freeze([]), failures: 0, failedAt: -Infinity, succeededAt: -Infinity, pauseMs: 0
})

/** The health after the consumer accepted an event. */
export function afterSuccess (now: number): Health {
  return { ...TAKING, succeededAt: now }
}

/** The health after a batch of which the consumer accepted nothing. Batches that share one of `events` count once. */
export function afterRefusal (
  health: Health, refusal: Refusal, events: readonly string[], startedAt: number, now: number
): Health {
  if (startedAt < health.succeededAt) return health
  const state = refusal.by === 'consumer' ? 'failing' : 'out-of-reach'
  if (health.state === state) return failedOnce(health, refusal, startedAt, now)
  if (health.state === 'failing') return failedOnce({ ...health, state }, refusal, startedAt, now)
  // A refusal is an answer: the consumer is in reach again, and one refusal does not mean that it fails.
  const refused = health.state === 'taking' ? noted(health.refused, refusal.by, events) : noted([], refusal.by, events)
  const next: Health = { ...health, state: 'taking', refused, failures: 0 }
  const isFailing = refused.filter(({ by }) => by === 'consumer').length >= REFUSED_IN_A_ROW
  if (isFailing) return failedOnce({ ...next, state: 'failing', refused: [] }, refusal, Infinity, now)
  const isOutOfReach = refusal.by === 'distance' || refused.length >= REFUSED_IN_A_ROW
  return isOutOfReach ? failedOnce({ ...next, state: 'out-of-reach', refused: [] }, refusal, Infinity, now) : next
}

/** The health after another worker made all workers pause for this long: one event probes first. */
export function afterPauseSeen (health: Health, pausedForMs: number, now: number): Health {
  // A reading may be older than the last success.
  if (health.state === 'failing' || now - health.succeededAt < FIRST_PAUSE_MS) return health
  const failures = Math.max(health.failures, Math.floor(Math.log2(Math.max(1, pausedForMs / FIRST_PAUSE_MS))))
  return { ...health, state: 'failing', refused: [], failures, pauseMs: 0 }
}

/** The pause after this many waves of failures in a row, counted from 1, if the consumer asked for `waitMs`. */
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
  // A batch replaces earlier ones that share an event with it: pieces of one batch count as different batches,
  // repetitions do not.
  const others = refused.filter((batch) => !events.some((event) => batch.events.has(event)))
  return [...others, { by, events: new Set(events) }]
}
