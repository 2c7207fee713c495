import type { AdmissionMode } from './mode.ts'
import type { Offer } from './offer.ts'
import type { NamedPolicy, Objection, PermitOutcome } from './policy.ts'
import type { RefusalKind } from './refusal.ts'
import type { Load } from './signals.ts'

/** The mode of each kind of refusal, so that quotas can be observed while load is shed. */
export type Modes = Readonly<Record<RefusalKind, AdmissionMode>>

export const ALL_ENFORCED: Modes = Object.freeze({ load: 'true', queue: 'true', quota: 'true', forbidden: 'true' })

/**
 * The outcome of an objection: the offer is refused, goes to local disk instead of the queue, or is admitted because
 * its kind is only observed.
 */
export interface Verdict {
  readonly reason: string
  readonly objection: Objection
  readonly effect: 'refuse' | 'spool' | 'observe'
}

/** The policies of a service in order of rank. */
export class PolicyChain {
  readonly #policies: readonly NamedPolicy[]
  readonly #charging: readonly NamedPolicy[]

  constructor (policies: readonly NamedPolicy[]) {
    this.#policies = policies.toSorted((a, b) => a.rank - b.rank)
    this.#charging = this.#policies.filter(({ admitted, settled }) => admitted !== undefined || settled !== undefined)
  }

  /**
   * Asks the policies and returns the objection that counts; undefined if there is none.
   *
   * @param canSpool whether the event may wait on local disk while the queue cannot take it
   */
  judge (offer: Offer, load: Load, modes: Modes, canSpool: boolean): Verdict | undefined {
    let effective: Verdict | undefined
    for (const policy of this.#policies) {
      const objection = policy.judge(offer, load)
      if (objection === undefined) continue
      const { kind } = objection
      const { reason } = policy
      const isAboutLoad = kind === 'load' || kind === 'queue'
      if (offer.isInternal && !isAboutLoad) continue
      const mode = modes[kind]
      if (mode === 'false') continue
      // An event that goes to disk is no load on the queue any more; a quota still binds it.
      if (effective?.effect === 'spool' && isAboutLoad) continue
      if (kind === 'queue' && canSpool) effective = { reason, objection, effect: 'spool' }
      else if (mode === 'true') return { reason, objection, effect: 'refuse' }
      else effective ??= { reason, objection, effect: 'observe' }
    }
    return effective
  }

  /** Charges an admitted offer. */
  admitted (offer: Offer): void {
    if (offer.isInternal) return
    for (const policy of this.#charging) policy.admitted?.(offer)
  }

  /** Tells the policies how an admitted offer ended. */
  settled (offer: Offer, outcome: PermitOutcome): void {
    if (offer.isInternal) return
    for (const policy of this.#charging) policy.settled?.(offer, outcome)
  }

  /** Forgets all charges. */
  reset (): void {
    for (const policy of this.#policies) policy.reset?.()
  }
}
