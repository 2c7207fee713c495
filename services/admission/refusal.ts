/**
 * The kinds of refusal: load is shed, the queue cannot accept events, the event would come too late for its deadline, a
 * quota is used up, or the producer has no right.
 */
export const REFUSAL_KINDS = ['load', 'queue', 'deadline', 'quota', 'forbidden'] as const

export type RefusalKind = (typeof REFUSAL_KINDS)[number]

/** Whether a kind is about the load on the queue, and not about the producer. */
export function isAboutLoad (kind: RefusalKind): boolean {
  return kind === 'load' || kind === 'queue' || kind === 'deadline'
}

/** The types that a key lists. */
export interface AllowedTypes {
  /** The first ones. */
  readonly named: readonly string[]
  /** The number of further ones. */
  readonly more: number
}

/** The answer to a refused offer, a value and never an exception. */
export interface Refusal {
  readonly kind: RefusalKind
  readonly reason: string
  /** Seconds; undefined if the same offer will never be admitted. */
  readonly retryAfterSeconds: number | undefined
  /** The best priority that the producer may give, if the offer had a better one. */
  readonly bestPriority?: number
  /** The types that the producer may post, if the offer had another one. */
  readonly types?: AllowedTypes
  /** RateLimit-Policy of the quota that is used up. */
  readonly rateLimitPolicy?: string
  /** The share of the capacity that the organization of the offer is above. */
  readonly fairShare?: { readonly perSecond: number, readonly weight: number }
  /** True when the event was sent to the queue and no answer came: it may be stored. */
  readonly mayBeStored?: boolean
}

/** A reason to refuse with its kind. */
export interface RefusalReason {
  readonly reason: string
  readonly kind: RefusalKind
}

/** The consequences of a kind of refusal, besides the status of its answer. */
export interface RefusalConsequence {
  /** `type` of the problem details. */
  readonly problemType: string
  /** The outcome that the ledger counts. */
  readonly outcome: 'shed' | 'wouldExpire' | 'quota' | 'forbidden'
  /** The counter of refusals, with the labels `priority_class` and `reason`. */
  readonly metric: string
}

const REGISTERED_TYPES = 'https://iana.org/assignments/http-problem-types'

const SHED: RefusalConsequence = {
  problemType: `${REGISTERED_TYPES}#temporary-reduced-capacity`,
  outcome: 'shed',
  metric: 'rule_engine_backpressure_rejected_total'
}

/** Defines, with `refusalStatuses`, how each kind is answered and counted; nothing else does. */
export const CONSEQUENCES: Readonly<Record<RefusalKind, RefusalConsequence>> = {
  load: SHED,
  queue: SHED,
  deadline: { ...SHED, outcome: 'wouldExpire' },
  quota: {
    problemType: `${REGISTERED_TYPES}#quota-exceeded`,
    outcome: 'quota',
    metric: 'spillway_quota_refused_total'
  },
  forbidden: {
    problemType: 'urn:spillway:problem:forbidden',
    outcome: 'forbidden',
    metric: 'spillway_forbidden_total'
  }
}

/** The status of the answer to each kind of refusal. */
export type RefusalStatuses = Readonly<Record<RefusalKind, 503 | 429 | 403>>

/**
 * Returns the statuses of a service.
 *
 * @param shedStatus SHED_STATUS. It also applies to deadlines, which events miss because of load. It does not apply to a
 *   queue that cannot accept events: such a service is unavailable, and a load balancer may look for another replica
 */
export function refusalStatuses (shedStatus: '503' | '429'): RefusalStatuses {
  const load = shedStatus === '429' ? 429 : 503
  return { load, queue: 503, deadline: load, quota: 429, forbidden: 403 }
}
