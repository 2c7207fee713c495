import type { Offer } from './offer.ts'
import type { Charge } from './policy.ts'

/** The destination of an admitted event. */
export type Route = 'queue' | 'spool'

/**
 * How an offer ended: stored in the queue or on local disk, stored before, in conflict with what is stored under its
 * identity, left out of the sample that is kept under pressure, or lost.
 */
export type Settlement = 'enqueued' | 'spooled' | 'duplicate' | 'invalid' | 'sampled' | 'lost'

/** Permission to enter. It is settled exactly once, and settling it does all the counting. */
export class Permit {
  readonly offer: Offer
  /**
   * Undefined for an event that repeats another one: it is not stored again. `sampled` for one that is answered like the
   * stored ones and is not stored. No policy is charged for either.
   */
  readonly route: Route | 'sampled' | undefined
  /** The depth that the queue may reach with the event in it; Infinity without a bound. */
  readonly mostDepth: number
  /** The charges of policies for the event. */
  readonly charge: Charge | undefined
  readonly #settled: (permit: Permit, settlement: Settlement) => void
  #isSettled = false

  constructor (
    offer: Offer, route: Permit['route'], settled: (permit: Permit, settlement: Settlement) => void,
    charge?: Charge, mostDepth = Infinity
  ) {
    this.offer = offer
    this.route = route
    this.charge = charge
    this.mostDepth = mostDepth
    this.#settled = settled
  }

  /** @throws Error when the permit was settled before, which is a bug */
  settle (settlement: Settlement): void {
    if (this.#isSettled) throw new Error(`a permit was settled twice: ${settlement}`)
    this.#isSettled = true
    this.#settled(this, settlement)
  }
}
