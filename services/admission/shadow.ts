/*
 * Other settings beside those in force. A shadow has a controller of its own, with policies of its own. It sees the same
 * readings and is asked about the same offers. The gate does what it would have done without it: a shadow only counts.
 *
 *   reading ──┬─► controller ─► decision ─► permit or refusal, ledger, metrics, log
 *             └─► shadow ─────► decision ─► counted beside the one above
 *
 * The queue is the one that the live decisions made. Events that only the shadow would have admitted never come into it,
 * and events that only the shadow would have refused fill it. So the counts say how the settings judge this queue, and
 * not which queue they would have made.
 *
 * Policies of a shadow are charged for what it would have admitted, since a quota has to fill up. They start without
 * charges, and replicas do not share these.
 */
import type { AdmissionController, Circumstances } from './controller.ts'
import { modesOf, type AdmissionMode, type Modes } from './mode.ts'
import { BEST_DRAW, type Offer } from './offer.ts'
import type { Charge } from './policy.ts'
import { isSpared } from './policy-chain.ts'
import { sampleWeight } from './sample-weight.ts'
import { ADMITTED, SAMPLED, ShadowCounts } from './shadow-counts.ts'
import type { QueueSample, Relief } from './signals.ts'
import type { Thresholds } from './thresholds.ts'

export interface ShadowOptions {
  /** In the state of the live one, with policies of its own. */
  readonly controller: AdmissionController
  readonly mode: AdmissionMode
  /** Uniform in [0, 1), apart from the draws of live decisions. */
  readonly random: () => number
  /** When it began, in milliseconds since the epoch. */
  readonly since: number
}

export class Shadow {
  readonly counts = new ShadowCounts()
  readonly controller: AdmissionController
  readonly since: number
  readonly #random: () => number
  #mode: AdmissionMode
  #modes: Modes
  /** The offer looked at last that its sample leaves out. */
  #leftOut: Offer | undefined

  constructor ({ controller, mode, random, since }: ShadowOptions) {
    this.controller = controller
    this.since = since
    this.#random = random
    this.#mode = mode
    this.#modes = modesOf(mode)
  }

  get mode (): AdmissionMode { return this.#mode }

  /** Adopts a reading that the live controller has adopted, and the settings of the shadow that are in force with it. */
  observe (
    sample: QueueSample, now: number, after: { count: number, bytes: number },
    { mode, thresholds, ...relief }: Relief & { readonly mode: AdmissionMode, readonly thresholds: Thresholds }
  ): void {
    this.#mode = mode
    this.#modes = modesOf(mode)
    this.controller.update(sample, now, after, thresholds, relief)
  }

  /** The draw of an event for which live decisions need none. */
  draw (): number {
    const { shedding, preShed, fairShares } = this.controller.signals
    const isCalm = shedding === undefined && preShed === undefined && fairShares === undefined
    return isCalm ? BEST_DRAW : this.#random()
  }

  /**
   * Decides whether its sample leaves the offer out; to be called before the decision on the offer.
   *
   * @param place of the event, if a sample of live decisions needs it too
   */
  sample (offer: Offer, place: number = this.#random()): void {
    const { kept, isDepthKnown } = this.controller.signals
    const isSampled = kept !== undefined && isDepthKnown && !offer.isInternal && this.#mode === 'true' &&
      !isSpared(offer, this.controller)
    this.#leftOut = isSampled && sampleWeight(place, kept[offer.priorityClass]) === undefined ? offer : undefined
  }

  /**
   * Decides on an offer and counts its decision beside the live one.
   *
   * @param live what became of the offer: ADMITTED, SAMPLED, or the reason of its refusal
   * @returns what policies of the shadow charge an offer that has a permit
   */
  compare (offer: Offer, live: string, circumstances: Circumstances): Charge | undefined {
    const verdict = this.controller.judge(offer, { ...circumstances, modes: this.#modes })
    const own = verdict?.effect === 'refuse' ? verdict.reason : this.#leftOut === offer ? SAMPLED : ADMITTED
    this.counts.add(offer.priorityClass, live, own)
    if (own !== ADMITTED) return undefined
    const charge = this.controller.policies.admitted(offer)
    if (live === ADMITTED) return charge
    charge?.settled('stored')
    return undefined
  }

  /** Compares the refusal of a request whose body has not been read, which stands for one event. */
  compareUnread (head: Offer, live: string, circumstances: Circumstances): void {
    const offer = { ...head, draw: this.draw() }
    this.sample(offer)
    this.compare(offer, live, circumstances)
  }

  /** Closes the circuit and forgets charges and counts. */
  reset (now: number): void {
    this.controller.force('CLOSED', now)
    this.controller.policies.reset()
    this.counts.reset()
  }
}
