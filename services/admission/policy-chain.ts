import { modesOf, type Modes } from './mode.ts'
import type { Offer } from './offer.ts'
import { bothCharges, type Charge, type FleetShare, type NamedPolicy, type Objection } from './policy.ts'
import type { PriorityClass } from './priority-class.ts'
import { NOBODY_NEAR, type NearQuotas, type RateLimit } from './quota-standing.ts'
import { isAboutLoad, type RefusalKind } from './refusal.ts'
import type { Load, Signals } from './signals.ts'

export const ALL_ENFORCED: Modes = Object.freeze(modesOf('true'))

/**
 * The outcome of an objection: the offer is refused, goes to local disk instead of the queue, or is admitted because
 * its kind is only observed.
 */
export interface Verdict extends NamedObjection {
  readonly effect: 'refuse' | 'spool' | 'observe'
  /** Further objections of kinds that are only observed. */
  readonly observed?: readonly NamedObjection[]
}

export interface NamedObjection {
  readonly reason: string
  readonly objection: Objection
}

type Bounds = { signals: Signals | undefined, modes: Modes | undefined } & { [Name in PriorityClass]?: number }

/** The policies of a service in order of rank. */
export class PolicyChain {
  readonly #policies: readonly NamedPolicy[]
  readonly #charging: readonly NamedPolicy[]
  readonly #settling: readonly NamedPolicy[]
  /** Those that mind the depth at which an event is stored. */
  readonly #bounding: readonly NamedPolicy[]
  /** The bounds of each class with these signals, as far as they were asked for: every event needs one. */
  #bounds: Bounds = { signals: undefined, modes: undefined }
  /** The first policy that tells what is left of a quota. */
  readonly #quota: NamedPolicy | undefined

  constructor (policies: readonly NamedPolicy[]) {
    this.#policies = policies.toSorted((a, b) => a.rank - b.rank)
    this.#charging = this.#policies.filter(({ admitted }) => admitted !== undefined)
    this.#settling = this.#policies.filter(({ settled }) => settled !== undefined)
    this.#bounding = this.#policies.filter(({ mostDepth }) => mostDepth !== undefined)
    this.#quota = this.#policies.find(({ rateLimit }) => rateLimit !== undefined)
  }

  /**
   * Asks the policies and returns the objection that counts; undefined if there is none.
   *
   * @param canSpool whether the event may wait on local disk while the queue cannot take it
   */
  judge (offer: Offer, load: Load, modes: Modes, canSpool: boolean): Verdict | undefined {
    let spooled: NamedObjection | undefined
    let observed: NamedObjection[] | undefined
    for (const policy of this.#policies) {
      const objection = policy.judge(offer, load)
      if (objection === undefined) continue
      if (policy.sparesFairShares === true && isSpared(offer, load)) continue
      const { kind } = objection
      const { reason } = policy
      if (offer.isInternal && !isAboutLoad(kind)) continue
      const mode = isAboutLoad(kind) ? modes[kind] : policy.mode?.() ?? modes[kind]
      if (mode === 'false') continue
      // An event that goes to disk does not load the queue; quotas still apply to it.
      if (spooled !== undefined && isAboutLoad(kind)) continue
      if (kind === 'queue' && canSpool) spooled = { reason, objection }
      else if (mode === 'true') return { reason, objection, effect: 'refuse' }
      else if (observed === undefined) observed = [{ reason, objection }]
      // If enforced, the first objection would have refused, and later policies would not have been asked.
      else if (!observed.some((other) => isSameMatter(other.objection.kind, kind))) observed.push({ reason, objection })
    }
    if (spooled !== undefined) return { ...spooled, effect: 'spool', ...(observed && { observed }) }
    const [first, ...others] = observed ?? []
    return first && { ...first, effect: 'observe', observed: others }
  }

  /** Returns the depth that the queue may reach with an admitted offer in it; Infinity without a bound. */
  mostDepth (offer: Offer, signals: Signals, modes: Modes): number {
    if (signals.fairShares !== undefined && isSpared(offer, { signals })) {
      return this.#leastBound(offer.priorityClass, signals, modes, true)
    }
    if (this.#bounds.signals !== signals || this.#bounds.modes !== modes) this.#bounds = { signals, modes }
    return this.#bounds[offer.priorityClass] ??= this.#leastBound(offer.priorityClass, signals, modes, false)
  }

  #leastBound (priorityClass: PriorityClass, signals: Signals, modes: Modes, isOfFairShare: boolean): number {
    let least = Infinity
    for (const policy of this.#bounding) {
      if (modes[policy.kind] !== 'true' || (isOfFairShare && policy.sparesFairShares === true)) continue
      least = Math.min(least, policy.mostDepth?.(priorityClass, signals) ?? Infinity)
    }
    return least
  }

  /** Returns the objection to an offer for which the queue had no room; undefined if no policy has one any more. */
  objectionAtDepth (offer: Offer, load: Load): NamedObjection | undefined {
    for (const policy of this.#bounding) {
      const objection = policy.judge(offer, load)
      if (objection !== undefined) return { reason: policy.reason, objection }
    }
    return undefined
  }

  /** Charges an admitted offer; returns undefined if no policy has charged it. */
  admitted (offer: Offer): Charge | undefined {
    if (offer.isInternal) return undefined
    let charge: Charge | undefined
    for (const policy of this.#charging) charge = bothCharges(charge, policy.admitted?.(offer) ?? undefined)
    if (this.#settling.length === 0) return charge
    return bothCharges(charge, {
      settled: (outcome) => {
        for (const policy of this.#settling) policy.settled?.(offer, outcome)
      }
    })
  }

  /** Returns the reports for the other replicas by policy name. */
  report (): Record<string, FleetShare> {
    return Object.fromEntries(this.#policies.flatMap((policy) => {
      const share = policy.report?.()
      return share === undefined ? [] : [[policy.reason, share]]
    }))
  }

  /** Tells each policy which of its counts the others can read. */
  sent (reports: Readonly<Record<string, FleetShare>>): void {
    for (const policy of this.#policies) policy.sent?.(reports[policy.reason] ?? {})
  }

  /** Gives each policy the sums that the same policy reported on the other replicas, each of which has a report. */
  observe (reports: readonly Readonly<Record<string, FleetShare>>[]): void {
    for (const policy of this.#policies) {
      if (policy.observe === undefined) continue
      const sums = new Map<string, number>()
      for (const [name, count] of reports.flatMap((report) => Object.entries(report[policy.reason] ?? {}))) {
        if (Number.isFinite(count)) sums.set(name, (sums.get(name) ?? 0) + count)
      }
      policy.observe(sums, reports.length)
    }
  }

  /** Returns what an answer says about the quota of an organization; see Policy. */
  rateLimit (organizationId: string | undefined, pressure: number): RateLimit | undefined {
    return this.#quota?.rateLimit?.(organizationId, pressure)
  }

  /** The organizations that are near their quotas. */
  get near (): NearQuotas { return this.#quota?.near?.() ?? NOBODY_NEAR }

  /** Forgets all charges. */
  reset (): void {
    for (const policy of this.#policies) policy.reset?.()
  }
}

/**
 * Tells whether an offer is of an organization that must not lose anything because of others. A request that is unread
 * may be of any organization, unless its key tells. The service's own offers can wait.
 */
export function isSpared (
  { stage, organizationId, isInternal }: Offer, { signals: { fairShares } }: Pick<Load, 'signals'>
): boolean {
  if (fairShares === undefined || isInternal) return false
  return (stage === 'head' && organizationId === undefined) || fairShares.over(organizationId) === undefined
}

function isSameMatter (one: RefusalKind, other: RefusalKind): boolean {
  return one === other || (isAboutLoad(one) && isAboutLoad(other))
}
