import type { Static, TObject } from '@sinclair/typebox'
import type { AdmissionMode } from './mode.ts'
import type { Offer } from './offer.ts'
import type { PriorityClass } from './priority-class.ts'
import type { NearQuotas, RateLimit } from './quota-standing.ts'
import type { AllowedTypes, RefusalKind } from './refusal.ts'
import type { Load, OverShare, Signals } from './signals.ts'

/**
 * When a refused offer may come back: once the queue is shorter than a depth in events, after a time in milliseconds
 * (0 for the shortest wait that an answer names), or never.
 */
export type Retry = { readonly belowDepth: number } | { readonly afterMs: number } | 'never'

/** A policy's reason to say no to an offer. */
export interface Objection {
  readonly kind: RefusalKind
  readonly retry: Retry
  /** The ceiling of a producer whose offer is above it. */
  readonly bestPriority?: number
  /** The types of a producer whose offer has another one. */
  readonly types?: AllowedTypes
  /** RateLimit-Policy of the quota that is used up. */
  readonly rateLimitPolicy?: string
  /** The fair share that the organization of the offer is above. */
  readonly over?: OverShare
}

/** The outcome of an admitted offer: stored, already stored under the same identity, or neither. */
export type PermitOutcome = 'stored' | 'duplicate' | 'lost'

/** The charge of a policy for an admitted offer. */
export interface Charge {
  /** Ends it, once, when it is known how the offer ended: refunds what was not stored. */
  settled: (outcome: PermitOutcome) => void
}

/** Returns one charge for two, either of which may be absent. */
export function bothCharges (one: Charge | undefined, other: Charge | undefined): Charge | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return {
    settled: (outcome) => {
      one.settled(outcome)
      other.settled(outcome)
    }
  }
}

/** Counts that a policy tells the other replicas, each under a name of its choice, such as an organization. */
export type FleetShare = Readonly<Record<string, number>>

/** The counts that the other replicas have reported last, added up by name. */
export type FleetReading = ReadonlyMap<string, number>

/**
 * One reason to refuse. Policies are pure: they know the time from their context and the load from their argument.
 * `admitted` charges an offer; internal offers are not charged. It returns the charge, or `settled` refunds it.
 */
export interface Policy {
  judge: (offer: Offer, load: Load) => Objection | undefined
  /**
   * Returns the depth that the queue may reach with an admitted event of a class in it; undefined if the policy does not
   * mind. The step that stores the event refuses it above that: other replicas admit events at the same time.
   */
  mostDepth?: (priorityClass: PriorityClass, signals: Signals) => number | undefined
  admitted?: (offer: Offer) => Charge | undefined | void
  /** Ends the charge of an offer, for a policy whose `admitted` returns none: refunds what was not stored. */
  settled?: (offer: Offer, outcome: PermitOutcome) => void
  /** Reports the charges of this replica. Called about once a second; only the largest counts are sent. */
  report?: () => FleetShare
  /** Learns which counts of its last report the others can read: a record has room for some of them. */
  sent?: (report: FleetShare) => void
  /**
   * Replaces the known charges of the other replicas. Called about once a second.
   *
   * @param others the number of other replicas, also of those without charges
   */
  observe?: (reading: FleetReading, others?: number) => void
  /**
   * Returns what an answer says about the quota of an organization; undefined without one.
   *
   * @param organizationId undefined for events without an organization
   * @param pressure 0 to 1: the part of what is left that producers shall not count on, because the queue is long
   */
  rateLimit?: (organizationId: string | undefined, pressure: number) => RateLimit | undefined
  /** Returns the organizations that are near their quotas. */
  near?: () => NearQuotas
  /** Forgets all charges, of this replica and the others. */
  reset?: () => void
}

/** The tools of a policy besides its arguments. */
export interface PolicyContext<Settings = Record<string, unknown>> {
  /** Milliseconds since the epoch, of a clock that a step of the host's does not move at once. */
  readonly now: () => number
  /** Its part of the settings in force. */
  readonly settings: () => Settings
}

/**
 * The default export of every file in policies/. The name of the file is the `reason` that producers and metrics see.
 * Policies are asked in order of rank, and the first objection refuses.
 */
export interface PolicyModule<Schema extends TObject = TObject> {
  readonly rank: number
  /**
   * The kind of its objections, `load` by default. It is declared here so that the metrics of its reason exist from the
   * start.
   */
  readonly kind?: RefusalKind
  /** The part of the settings that it follows, if that is not its own. A quota has its `mode` there. */
  readonly part?: string
  /** True if it spares organizations that are not above their fair shares, while shares are known. */
  readonly sparesFairShares?: boolean
  /**
   * Its part of the settings, which operators can change while the service runs, and their defaults. A quota always
   * has a `mode` there.
   */
  readonly settings?: { readonly schema: Schema, readonly defaults: () => Static<Schema> }
  create (context: PolicyContext<Static<Schema>>): Policy
}

const NO_SETTINGS = Object.freeze({})

export const POLICY_SHAPE = 'a policy module { rank, create }, whose settings are { schema, defaults } if it has any'

export interface NamedPolicy extends Policy {
  readonly rank: number
  readonly kind: RefusalKind
  readonly reason: string
  readonly sparesFairShares?: boolean
  /** The mode that operators have set for it alone. */
  readonly mode?: () => AdmissionMode | undefined
}

/** Tells whether a module's default export is a policy; anything else in policies/ stops the boot. */
export function isPolicyModule (candidate: unknown): candidate is PolicyModule {
  const module = candidate as Partial<PolicyModule> | null | undefined
  return typeof module === 'object' && module !== null && Number.isFinite(module.rank) &&
    typeof module.create === 'function' && (module.settings === undefined || isSettings(module.settings))
}

function isSettings (candidate: unknown): boolean {
  const { schema, defaults } = (candidate ?? {}) as Partial<NonNullable<PolicyModule['settings']>>
  return schema?.type === 'object' && typeof defaults === 'function'
}

/**
 * Creates the policies of a registry folder.
 *
 * @param settingsOf the part of the settings in force with a name; the same object until they change
 * @throws Error that names the file whose `create` gives no policy
 */
export function createPolicies (
  entries: readonly { readonly name: string, readonly value: PolicyModule }[], now: () => number,
  settingsOf: (name: string) => object = () => NO_SETTINGS
): NamedPolicy[] {
  return entries.map(({ name, value }) => {
    const { rank, kind = 'load', part = name, sparesFairShares = false } = value
    const settings = () => settingsOf(part) as Record<string, unknown>
    const policy = value.create({ now, settings }) as Policy | undefined
    if (typeof policy?.judge !== 'function') throw new Error(`policy ${name}: create() has to return { judge }`)
    const mode = () => settings().mode as AdmissionMode | undefined
    return Object.assign(policy, { rank, kind, reason: name, sparesFairShares, mode })
  })
}
