import type { Offer } from './offer.ts'

/** The destination of an admitted event. */
export type Route = 'queue' | 'spool'

/**
 * How an offer ended: stored in the queue or on local disk, stored before, or in conflict with what is stored under its
 * identity.
 */
export type Settlement = 'enqueued' | 'spooled' | 'duplicate' | 'invalid' | 'lost'

/** Permission to enter. It is settled exactly once, and settling it does all the counting. */
export class Permit {
  readonly offer: Offer
  /** Undefined for an event that repeats another one: it is not stored again, and no policy is charged. */
  readonly route: Route | undefined
  readonly #settled: (permit: Permit, settlement: Settlement) => void
  #isSettled = false

  constructor (offer: Offer, route: Route | undefined, settled: (permit: Permit, settlement: Settlement) => void) {
    this.offer = offer
    this.route = route
    this.#settled = settled
  }

  /** @throws Error when the permit was settled before, which is a bug */
  settle (settlement: Settlement): void {
    if (this.#isSettled) throw new Error(`a permit was settled twice: ${settlement}`)
    this.#isSettled = true
    this.#settled(this, settlement)
  }
}
