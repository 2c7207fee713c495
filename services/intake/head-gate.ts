import type { AdmissionGate } from '../admission/gate.ts'
import { priorityOfBody, type BodiesInFlight } from '../admission/bodies-in-flight.ts'
import { headOffer } from '../admission/offer.ts'
import { priorityClass } from '../admission/priority-class.ts'
import type { Refusal } from '../admission/refusal.ts'
import type { PriorityMap } from '../event/priority-map.ts'
import type { RequestHeaders } from '../event/request-headers.ts'
import type { Producer } from '../producer/producer.ts'
import { RequestHead, type IntakeForm } from './request-head.ts'

export interface HeadGateOptions {
  readonly gate: Pick<AdmissionGate, 'refuseUnread'>
  readonly bodies: Pick<BodiesInFlight, 'hasRoom' | 'isCrowdedWith' | 'shareWith'>
  readonly priorities: PriorityMap
  readonly defaultPriority: number
  /** Milliseconds of any clock that does not go back. */
  readonly now: () => number
}

export interface HeadRefusal {
  readonly refusal: Refusal
  /** The priority that decided the refusal. */
  readonly priority: number
}

/**
 * The first step of an event: offers the best event that the request could contain, and refuses the request before a
 * byte of its body is read if admission would refuse even that event.
 */
export class HeadGate {
  readonly #options: HeadGateOptions

  constructor (options: HeadGateOptions) {
    this.#options = options
  }

  read (headers: RequestHeaders, form: IntakeForm, producer: Producer): RequestHead {
    return new RequestHead(headers, form, this.#options.priorities, producer)
  }

  /** @param bodyLimit a body above the limit of its route is refused anyway, so no other body gives way to it */
  refusalOf (head: RequestHead, bodyLimit: number): HeadRefusal | undefined {
    const { gate, bodies, now } = this.#options
    const bytes = Number(head.headers['content-length'] ?? 0)
    const { producer } = head
    const best = head.surePriority ?? producer.bestPriority
    const refusal = gate.refuseUnread(headOffer(best, bytes, head.expiresAt, producer))
    if (refusal !== undefined) return { refusal, priority: best }
    if (!bodies.isCrowdedWith(bytes) || bytes > bodyLimit || head.isStream) return undefined
    const priority = this.bodyPriority(head, bytes)
    if (bodies.hasRoom(priorityClass(priority), bytes, now())) return undefined
    const noRoom = gate.refuseUnread(headOffer(priority, bytes, undefined, producer), bodies.shareWith(bytes))
    return noRoom && { refusal: noRoom, priority }
  }

  /**
   * Returns the priority that decides whether a body of this many bytes is refused.
   *
   * @param head undefined for a request without events
   */
  bodyPriority (head: RequestHead | undefined, bytes: number): number {
    return priorityOfBody(head?.surePriority, bytes, this.#options.defaultPriority)
  }
}
