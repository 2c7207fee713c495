/*
 * The way into the queue. The controller judges; the gate gives it the mode and the circumstances, hands out permits
 * and counts every decision.
 */
import { AdmissionState, type AdmissionStateOptions } from './admission-state.ts'
import type { AdmissionCounters } from './counters.ts'
import { BEST_DRAW, internalOffer, type Offer } from './offer.ts'
import { Permit, type Route, type Settlement } from './permit.ts'
import type { Circumstances } from './controller.ts'
import { bothCharges, type PermitOutcome } from './policy.ts'
import { isSpared, type NamedObjection, type Verdict } from './policy-chain.ts'
import { HIGHEST_PRIORITY, TYPICAL_PRIORITY, type PriorityClass } from './priority-class.ts'
import type { Refusal, RefusalKind } from './refusal.ts'
import type { RateLimit } from './quota-standing.ts'
import { absenceRetryMs, retryAfterTime } from './retry-after.ts'
import { samplePlace, sampleWeight } from './sample-weight.ts'
import { ADMITTED, SAMPLED } from './shadow-counts.ts'

export interface GateOptions extends AdmissionStateOptions {
  /** Uniform in [0, 1). */
  random: () => number
  counters: AdmissionCounters
  /** Stores events that the queue cannot accept; without a spool they are refused. */
  spool?: SpoolSide | undefined
}

/** The spool as far as admission knows it. */
export interface SpoolSide {
  /** Classes that are spooled automatically if the queue cannot accept them. */
  readonly classes: ReadonlySet<PriorityClass>
  /** False while it is full or its folder cannot be written. */
  readonly canWrite: boolean
}

/** The reason for refusing an event that its producer wanted on local disk, which cannot store it. */
export const SPOOL_UNAVAILABLE = 'spool-unavailable'

/** The reason for refusing an event that the queue has no room for. */
export const QUEUE_FULL = 'queue-full'

const OUTCOMES: Readonly<Record<Exclude<Settlement, 'sampled'>, PermitOutcome>> = {
  enqueued: 'stored', spooled: 'stored', duplicate: 'duplicate', invalid: 'duplicate', lost: 'lost'
}

export class AdmissionGate extends AdmissionState {
  readonly #options: GateOptions

  constructor (options: GateOptions) {
    super(options)
    this.#options = options
  }

  /** Whether events can be stored at all: the queue can be read and even a critical event would not be refused. */
  get canStore (): boolean {
    return this.signals.isDepthKnown && this.#options.controller.judge(internalOffer(HIGHEST_PRIORITY)) === undefined
  }

  /** Whether critical events can be spooled while the queue is away. */
  get canSpool (): boolean { return this.#canSpool('critical') }

  /** The draw of an event that comes now; none is made while no share of the load is shed. */
  draw (): number {
    const { shedding, preShed, fairShares } = this.signals
    if (shedding !== undefined || preShed !== undefined || fairShares !== undefined) return this.#options.random()
    return this.shadow === undefined ? BEST_DRAW : this.shadow.draw()
  }

  /**
   * The number of events that an event stands for: 1 unless there is a sample, undefined if it is left out of that.
   *
   * @param sampleKey the same for all events that are kept or left out together; without one chance decides
   */
  weightOf (offer: Offer, sampleKey: string | undefined): number | undefined {
    const { kept, isDepthKnown } = this.signals
    const { shadow } = this
    const shares = isDepthKnown && !offer.isInternal && this.mode === 'true' ? kept : undefined
    if (shares === undefined && shadow === undefined) return 1
    const known = sampleKey === undefined ? undefined : samplePlace(offer.organizationId, sampleKey)
    if (shares === undefined) {
      shadow?.sample(offer, known)
      return 1
    }
    const place = known ?? this.#options.random()
    shadow?.sample(offer, place)
    return isSpared(offer, this) ? 1 : sampleWeight(place, shares[offer.priorityClass])
  }

  /** Refuses a request whose body has not been read, or returns undefined if it may go on. Counts only refusals. */
  refuseUnread (offer: Offer, bodyShare = 0): Refusal | undefined {
    const verdict = this.#judge(offer, bodyShare)
    if (verdict?.effect !== 'refuse') return undefined
    this.shadow?.compareUnread(offer, verdict.reason, this.#circumstances(offer, bodyShare))
    return this.#refuse(offer, this.#refusal(offer, verdict))
  }

  /**
   * Decides on an event and counts the decision.
   *
   * @param wantsSpool the producer asked for local disk
   * @param isLeftOut it is no part of the sample that is kept
   */
  admit (offer: Offer, wantsSpool = false, isLeftOut = false): Permit | Refusal {
    const { controller, counters, spool } = this.#options
    const verdict = this.#judge(offer)
    const { shadow } = this
    if (verdict?.effect === 'refuse') {
      shadow?.compare(offer, verdict.reason, this.#circumstances(offer))
      return this.#refuse(offer, this.#refusal(offer, verdict))
    }
    if (isLeftOut) {
      shadow?.compare(offer, SAMPLED, this.#circumstances(offer))
      counters.offered(offer)
      return new Permit(offer, 'sampled', this.#settled)
    }
    // A queue of unknown depth counts as away: an event that may wait on disk does so.
    const isDiverted = verdict?.effect === 'spool' ||
      (!this.signals.isDepthKnown && this.#canSpool(offer.priorityClass))
    if (wantsSpool && !isDiverted && spool?.canWrite !== true) return this.refuse(offer, SPOOL_UNAVAILABLE, 'queue')
    counters.offered(offer)
    if (verdict !== undefined) this.#countObserved(offer, verdict)
    counters.admitted(offer)
    const charge = bothCharges(
      controller.policies.admitted(offer), shadow?.compare(offer, ADMITTED, this.#circumstances(offer))
    )
    if (isDiverted || wantsSpool) return new Permit(offer, 'spool', this.#settled, charge)
    this.recordAdmitted(1, offer.bytes)
    const mostDepth = controller.policies.mostDepth(offer, this.signals, this.modes)
    return new Permit(offer, 'queue', this.#settled, charge, mostDepth)
  }

  /** Returns the permit of an event that repeats another one. It is counted, and no policy is charged. */
  repeat (offer: Offer): Permit {
    this.#options.counters.offered(offer)
    return new Permit(offer, undefined, this.#settled)
  }

  /** Refuses an offer for a reason outside the policies, and counts the refusal. */
  refuse (offer: Offer, reason: string, kind: RefusalKind = 'load'): Refusal {
    return this.#refuse(offer, this.#soon(kind, reason))
  }

  /** Settles the permit of an event that was not stored, or may not have been, and refuses the event. */
  refuseUnstored (permit: Permit, reason: string, mayBeStored = false): Refusal {
    permit.settle('lost')
    const refusal = this.#soon('queue', reason, mayBeStored)
    this.#countRefused(permit.offer, refusal)
    return refusal
  }

  /**
   * Settles the permit of an event for which the queue had no room, and refuses the event: other replicas had filled it
   * meanwhile.
   */
  refuseWithoutRoom (permit: Permit): Refusal {
    permit.settle('lost')
    const { offer, mostDepth } = permit
    const objection = this.#options.controller.objectionAtDepth(offer, mostDepth)
    if (objection?.objection.kind === 'load') this.reach(mostDepth)
    const refusal = objection === undefined ? this.#soon('queue', QUEUE_FULL) : this.#refusal(offer, objection)
    this.#countRefused(offer, refusal)
    return refusal
  }

  /** Counts an invalid event of the organization that the key has, if there is a key. */
  countInvalid (organizationId?: string): void {
    this.#options.counters.invalid(organizationId)
  }

  /**
   * Returns the route of an internal event of this priority, or its refusal with the shortest possible wait. Counts
   * nothing.
   */
  preview (priority: number): Route | Refusal {
    const offer = internalOffer(priority)
    const verdict = this.#judge(offer)
    if (verdict?.effect === 'refuse' || verdict?.effect === 'observe') return this.#refusal(offer, verdict, 0)
    return verdict !== undefined || (!this.signals.isDepthKnown && this.#canSpool(offer.priorityClass))
      ? 'spool'
      : 'queue'
  }

  /** Returns the reason that keeps an internal event of this priority out of the queue now. Counts nothing. */
  refusalReason (priority: number): string | undefined {
    return this.#options.controller.judge(internalOffer(priority), {
      isProcessOverloaded: this.#options.isProcessOverloaded(), bodyShare: 0, modes: this.modes, canSpool: false
    })?.reason
  }

  /** Tells whether the queue would admit an internal event of this priority now. Counts nothing. */
  wouldAdmit (priority: number): boolean {
    return this.signals.isDepthKnown && this.preview(priority) === 'queue'
  }

  /** Tells whether an event of this class would be admitted now, into the queue or the spool. Counts nothing. */
  admits (name: PriorityClass): boolean {
    return typeof this.preview(TYPICAL_PRIORITY[name]) === 'string'
  }

  /**
   * Returns what an answer says about the quota of an organization; undefined without one. From the warning threshold on
   * less is left, and nothing at the critical one, so that producers slow down before events are refused.
   */
  rateLimitOf (organizationId: string | undefined): RateLimit | undefined {
    const { thresholds: { warning, critical } } = this.signals
    const pressure = Math.min(1, Math.max(0, (this.depth - warning) / (critical - warning)))
    return this.policies.rateLimit(organizationId, pressure)
  }

  /** Closes the circuit and sets the counters of this process to zero. */
  override reset (): void {
    super.reset()
    this.#options.counters.reset()
  }

  #judge (offer: Offer, bodyShare = 0): Verdict | undefined {
    return this.#options.controller.judge(offer, this.#circumstances(offer, bodyShare))
  }

  #circumstances ({ priorityClass }: Offer, bodyShare = 0): Circumstances {
    return {
      isProcessOverloaded: this.#options.isProcessOverloaded(),
      bodyShare,
      absentMs: this.#absentMs,
      modes: this.modes,
      canSpool: this.#canSpool(priorityClass)
    }
  }

  get #absentMs (): number | undefined { return this.signals.isDepthKnown ? undefined : this.signalsAgeMs }

  #canSpool (priorityClass: PriorityClass): boolean {
    const { spool } = this.#options
    return spool !== undefined && spool.classes.has(priorityClass) && spool.canWrite
  }

  #refusal (
    { priority }: Offer,
    { reason, objection: { kind, retry, bestPriority, types, rateLimitPolicy, over } }: NamedObjection,
    random = this.#options.random()
  ): Refusal {
    const retryAfterSeconds = this.#options.controller.retryAfterSeconds(retry, priority, random)
    return {
      kind,
      reason,
      retryAfterSeconds,
      ...(bestPriority !== undefined && { bestPriority }),
      ...(types !== undefined && { types }),
      ...(rateLimitPolicy !== undefined && { rateLimitPolicy }),
      ...(over && { fairShare: { perSecond: over.perSecond, weight: over.weight } })
    }
  }

  /**
   * Returns a refusal with the shortest wait, since nobody knows when its reason ends. While the queue cannot be read it
   * grows with the time for which that has lasted.
   */
  #soon (kind: RefusalKind, reason: string, mayBeStored = false): Refusal {
    const retryAfterSeconds = retryAfterTime(absenceRetryMs(this.#absentMs ?? 0), this.#options.random())
    return { kind, reason, retryAfterSeconds, ...(mayBeStored && { mayBeStored }) }
  }

  #refuse (offer: Offer, refusal: Refusal): Refusal {
    this.#options.counters.offered(offer)
    this.#countRefused(offer, refusal)
    return refusal
  }

  #countRefused (offer: Offer, refusal: Refusal): void {
    this.countRefused()
    this.#options.counters.refused(offer, refusal, true)
  }

  /** Counts an offer that several policies would have refused once, with each of their reasons. */
  #countObserved (offer: Offer, verdict: Verdict): void {
    const { effect, observed = [] } = verdict
    const objections = effect === 'observe' ? [verdict, ...observed] : observed
    if (objections.length > 0) this.countRefused()
    for (const objection of objections) this.#options.counters.refused(offer, this.#refusal(offer, objection), false)
  }

  readonly #settled = ({ offer, charge }: Permit, settlement: Settlement): void => {
    if (settlement !== 'sampled') charge?.settled(OUTCOMES[settlement])
    if (settlement !== 'lost') this.#options.counters.settled(offer, settlement)
  }
}
