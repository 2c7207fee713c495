import { priorityClass, type PriorityClass } from './priority-class.ts'
import { UNLIMITED, type Rights } from './rights.ts'

/** The best draw that an offer can have: no share of the load has it, unless that is all of the load. */
export const BEST_DRAW = 1 - Number.EPSILON / 2

/** The worst one: every share has it. */
const WORST_DRAW = 0

/** An event, or the best event that a request could contain, offered for admission. */
export interface Offer {
  /** `head`: the body has not been read, and the offer stands for the best event that it could contain. */
  readonly stage: 'head' | 'event'
  /**
   * True for events that the service itself offers. Their producers already have a 202, so no quota applies to them.
   */
  readonly isInternal: boolean
  readonly priority: number
  readonly priorityClass: PriorityClass
  readonly producer: Rights
  /** At the head: the organization of the producer's key, if there is a key. */
  readonly organizationId: string | undefined
  /** Undefined at the head. */
  readonly type: string | undefined
  /** Bytes of the event, or of the body at the head; 0 if unknown. */
  readonly bytes: number
  /** Milliseconds since the epoch; undefined for an event without a deadline. */
  readonly expiresAt: number | undefined
  /** Uniform in [0, 1): a share of the load contains the offers whose draw is below it. The best one at the head. */
  readonly draw: number
}

/**
 * Returns the offer of a request whose body has not been read.
 *
 * @param expiresAt the deadline of its only event, milliseconds since 1970, if headers name it
 */
export function headOffer (priority: number, bytes = 0, expiresAt?: number, producer: Rights = UNLIMITED): Offer {
  return {
    stage: 'head', isInternal: false, priority, priorityClass: priorityClass(priority), producer,
    organizationId: producer.organizationId, type: undefined, bytes, expiresAt, draw: BEST_DRAW
  }
}

/** The parts of an event that admission looks at. */
export interface OfferedEvent {
  readonly type: string
  readonly priority: number
  readonly organizationId?: string
}

/**
 * Returns the offer of an event that a producer posted.
 *
 * @param expiresAt its deadline, milliseconds since 1970
 */
export function eventOffer (
  { type, priority, organizationId }: OfferedEvent, bytes = 0, isInternal = false, draw = BEST_DRAW,
  expiresAt?: number, producer: Rights = UNLIMITED
): Offer {
  return {
    stage: 'event', isInternal, priority, priorityClass: priorityClass(priority), producer,
    organizationId, type, bytes, expiresAt, draw
  }
}

/**
 * Returns the offer of an event of the service itself, of which only the priority is known. Its draw is the worst one:
 * such an event was answered before and can wait until nothing of its class is shed.
 */
export function internalOffer (priority: number): Offer {
  return { ...headOffer(priority), stage: 'event', isInternal: true, draw: WORST_DRAW }
}
