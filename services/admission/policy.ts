import type { Offer } from './offer.ts'
import type { RefusalKind } from './refusal.ts'
import type { Load } from './signals.ts'

/**
 * When a refused offer may come back: once the queue is shorter than a depth in events, after a time in milliseconds
 * (0 for the shortest wait that an answer names), or never.
 */
export type Retry = { readonly belowDepth: number } | { readonly afterMs: number } | 'never'

/** A policy's reason to say no to an offer. */
export interface Objection {
  readonly kind: RefusalKind
  readonly retry: Retry
}

/** How an admitted offer ended: stored, stored before under the same identity, or neither. */
export type PermitOutcome = 'stored' | 'duplicate' | 'lost'

/**
 * One reason to refuse. Policies are pure: they know the time from their context and the load from their argument.
 * `admitted` charges an offer, `settled` refunds what was not stored; internal offers are neither charged nor refunded.
 */
export interface Policy {
  judge: (offer: Offer, load: Load) => Objection | undefined
  admitted?: (offer: Offer) => void
  settled?: (offer: Offer, outcome: PermitOutcome) => void
  /** Forgets all that was charged. */
  reset?: () => void
}

/** The tools of a policy besides its arguments. */
export interface PolicyContext {
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * The default export of every file in policies/. The name of the file is the `reason` that producers and metrics see.
 * Policies are asked in order of rank, and the first objection refuses.
 */
export interface PolicyModule {
  readonly rank: number
  /** The kind of its objections, `load` by default: the metrics of its reason exist from the start. */
  readonly kind?: RefusalKind
  create: (context: PolicyContext) => Policy
}

export interface NamedPolicy extends Policy {
  readonly rank: number
  readonly kind: RefusalKind
  readonly reason: string
}

/** Tells whether a module's default export is a policy; anything else in policies/ stops the boot. */
export function isPolicyModule (candidate: unknown): candidate is PolicyModule {
  const module = candidate as Partial<PolicyModule> | null | undefined
  return typeof module === 'object' && module !== null && Number.isFinite(module.rank) &&
    typeof module.create === 'function'
}

/**
 * Creates the policies of a registry folder.
 *
 * @throws Error that names the file whose `create` gives no policy
 */
export function createPolicies (
  entries: readonly { readonly name: string, readonly value: PolicyModule }[], context: PolicyContext
): NamedPolicy[] {
  return entries.map(({ name, value: { rank, kind = 'load', create } }) => {
    const policy = create(context) as Policy | undefined
    if (typeof policy?.judge !== 'function') throw new Error(`policy ${name}: create() has to return { judge }`)
    return Object.assign(policy, { rank, kind, reason: name })
  })
}
