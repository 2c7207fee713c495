/*
 * Bounds the memory that bodies take while they are being received, over all requests of this process.
 *
 * Bytes count when they are received, not when they are announced: whoever announces 16 MiB and sends nothing keeps nobody
 * out, and whoever sends 15 of them is counted with 15. A class may fill its share of the budget (body-share.ts). Beyond it
 *
 *   slow bodies of the same or a worse class give way, the worst class first and in it the largest body;
 *   without one, the body that wants to grow is refused.
 *
 * So a body that stands still is held only while nobody needs the room, and many fast bodies do not push one another out
 * shortly before their end. Received bytes count until the request has been answered.
 */
import { BODY_SHARE } from './body-share.ts'
import type { PriorityClass } from './priority-class.ts'

/** A body that is being received. Only BodiesInFlight writes its fields. */
export abstract class IncomingBody {
  /** Bytes received. */
  bytes = 0
  /** A time of the clock that `expire` gets. */
  startedAt = 0
  /** Until when the body keeps pace if nothing more of it comes. */
  keepsPaceUntil = 0

  /** The class by which it is refused. */
  abstract get priorityClass (): PriorityClass

  /** Gives up what was received, and answers. */
  abstract refuse (because: BodyRefusalCause): void
}

/** The budget has no room for the body, or it took too long. */
export type BodyRefusalCause = 'no-room' | 'too-long'

/** A body that falls behind this pace is slow. */
const SLOW_BYTES_PER_MS = 64

/** How far a body may fall behind before it is slow: networks pause. */
export const GRACE_MS = 1_000

/**
 * A body this small is judged as critical if its priority is in it, a larger one by the default: or whoever sends large
 * bodies without saying their priority could use up the reserve for critical ones.
 */
const SMALL_BYTES = 65_536

const BEST_PRIORITY = 1

const RANK: Readonly<Record<PriorityClass, number>> = { critical: 0, normal: 1, low: 2 }

/**
 * The priority that a body of so many bytes is refused by.
 *
 * @param told the priority that the headers name, if they do
 */
export function priorityOfBody (told: number | undefined, bytes: number, otherwise: number): number {
  return told ?? (bytes <= SMALL_BYTES ? BEST_PRIORITY : otherwise)
}

export class BodiesInFlight {
  readonly budgetBytes: number
  readonly #mostMs: number
  /** In the order in which they began. */
  readonly #receiving = new Set<IncomingBody>()
  #heldBytes = 0
  #elapsedMs = 0
  /** None that gives way to a class is slow before that: spares a flood of refusals the search among all bodies. */
  readonly #noneIsSlowUntil: Record<PriorityClass, number> = { critical: 0, normal: 0, low: 0 }

  /** @param mostMs how long a body may take as a whole */
  constructor (budgetBytes: number, mostMs: number) {
    this.budgetBytes = budgetBytes
    this.#mostMs = mostMs
  }

  /** Bytes of bodies that were received and are not answered yet. */
  get heldBytes (): number { return this.#heldBytes }

  /** The share of the budget that is in use, with so many bytes on top of it. */
  shareWith (bytes: number): number {
    return (this.#heldBytes + bytes) / this.budgetBytes
  }

  /** Whether a body of so many bytes might find no room; nothing gives way. */
  isCrowdedWith (bytes: number): boolean {
    return this.#heldBytes + bytes > this.budgetBytes * BODY_SHARE.low
  }

  /** Whether a body of so many bytes has room; slow ones give way for it. */
  hasRoom (priorityClass: PriorityClass, bytes: number, now: number): boolean {
    const most = this.budgetBytes * BODY_SHARE[priorityClass]
    while (this.#heldBytes + bytes > most) {
      const slow = this.#slowest(priorityClass, now)
      if (slow === undefined) return false
      this.#refuse(slow, 'no-room')
    }
    return true
  }

  /**
   * Holds more for a complete body than its bytes; false when there is no room beside what others hold.
   *
   * @param own what is held for it already
   */
  extend (priorityClass: PriorityClass, bytes: number, own: number, now: number): boolean {
    if (this.#heldBytes > own && !this.hasRoom(priorityClass, bytes, now)) return false
    this.#heldBytes += bytes
    return true
  }

  /** A body begins. */
  begin (body: IncomingBody): void {
    body.startedAt = this.#elapsedMs
    this.#receiving.add(body)
  }

  /** More of a body has come. For its room bodies may be refused, this one among them. */
  grow (body: IncomingBody, bytes: number, now: number): void {
    if (body.bytes === 0) body.keepsPaceUntil = now + GRACE_MS
    body.bytes += bytes
    this.#heldBytes += bytes
    body.keepsPaceUntil = Math.min(now + GRACE_MS, Math.max(body.keepsPaceUntil, now) + bytes / SLOW_BYTES_PER_MS)
    if (!this.hasRoom(body.priorityClass, 0, now) && this.#receiving.has(body)) this.#refuse(body, 'no-room')
  }

  /** A body has been received; its bytes count until they are released. */
  complete (body: IncomingBody): void {
    this.#receiving.delete(body)
  }

  /** A body is not read any further: it broke off, or is not taken. */
  abandon (body: IncomingBody): void {
    if (this.#receiving.delete(body)) this.release(body.bytes)
  }

  /** The request of a complete body has been answered. */
  release (bytes: number): void {
    this.#heldBytes -= bytes
  }

  /**
   * Refuses the bodies that have taken too long.
   *
   * @param elapsedMs time in which this process ran; a process that stood still blames no sender
   */
  expire (elapsedMs: number): void {
    this.#elapsedMs = elapsedMs
    for (const body of this.#receiving) {
      if (elapsedMs - body.startedAt < this.#mostMs) return
      this.#refuse(body, 'too-long')
    }
  }

  #refuse (body: IncomingBody, because: BodyRefusalCause): void {
    this.abandon(body)
    body.refuse(because)
  }

  /** The slow body that gives way first to one of this class. */
  #slowest (priorityClass: PriorityClass, now: number): IncomingBody | undefined {
    if (now < this.#noneIsSlowUntil[priorityClass]) return undefined
    let first: IncomingBody | undefined
    let nextSlow = now + GRACE_MS
    for (const body of this.#receiving) {
      if (body.bytes === 0 || RANK[body.priorityClass] < RANK[priorityClass]) continue
      if (body.keepsPaceUntil > now) nextSlow = Math.min(nextSlow, body.keepsPaceUntil)
      else if (first === undefined || givesWayBefore(body, first)) first = body
    }
    if (first === undefined) this.#noneIsSlowUntil[priorityClass] = nextSlow
    return first
  }
}

function givesWayBefore (one: IncomingBody, other: IncomingBody): boolean {
  const worse = RANK[one.priorityClass] - RANK[other.priorityClass]
  return worse === 0 ? one.bytes > other.bytes : worse > 0
}
