/*
 * Bounds the memory that bodies take while they are being received, over all requests of this process.
 *
 * Bytes count when they are received, not when they are announced: a sender that announces 16 MiB and sends nothing
 * keeps nobody out. A class may fill its share of the budget (body-share.ts). Beyond it
 *
 *   slow bodies of the same or a worse class give way, the worst class first and in it the largest body;
 *   without one, the body that wants to grow is refused.
 *
 * So a stalled body is held only while nobody needs the room, and fast bodies do not evict one another shortly before
 * their end. Received bytes count until the request has been answered.
 */
import { BODY_SHARE } from './body-share.ts'
import type { PriorityClass } from './priority-class.ts'

/** A body that is being received. Only BodiesInFlight writes its fields. */
export abstract class IncomingBody {
  /** Bytes received. */
  bytes = 0
  /** A time of the clock that `expire` gets. */
  startedAt = 0
  /** The time from which the body counts as slow if nothing more of it arrives. */
  keepsPaceUntil = 0

  /** The class that decides whether the body is refused. */
  abstract get priorityClass (): PriorityClass

  /** Drops the received bytes and answers. */
  abstract refuse (because: BodyRefusalCause): void
}

/** The budget has no room for the body, or it took too long. */
export type BodyRefusalCause = 'no-room' | 'too-long'

/** A body that falls behind this pace is slow. */
const SLOW_BYTES_PER_MS = 64

/** How far a body may fall behind before it is slow: networks pause. */
export const GRACE_MS = 1_000

/**
 * A body this small counts as critical if only the body can name its priority; a larger one has the default priority.
 * Otherwise large bodies without a priority in their headers could use up the reserve for critical events.
 */
const SMALL_BYTES = 65_536

const BEST_PRIORITY = 1

const RANK: Readonly<Record<PriorityClass, number>> = { critical: 0, normal: 1, low: 2 }

/**
 * Returns the priority that decides whether a body of this many bytes is refused.
 *
 * @param told the priority that the headers name, if they do
 */
export function priorityOfBody (told: number | undefined, bytes: number, otherwise: number): number {
  return told ?? (bytes <= SMALL_BYTES ? BEST_PRIORITY : otherwise)
}

export class BodiesInFlight {
  readonly budgetBytes: number
  readonly #mostMs: number
  /** In the order of their start. */
  readonly #receiving = new Set<IncomingBody>()
  #heldBytes = 0
  #elapsedMs = 0
  /** No body that could give way to a class is slow before this time; saves a search of all bodies for each refusal. */
  readonly #noneIsSlowUntil: Record<PriorityClass, number> = { critical: 0, normal: 0, low: 0 }

  /** @param mostMs how long a body may take as a whole */
  constructor (budgetBytes: number, mostMs: number) {
    this.budgetBytes = budgetBytes
    this.#mostMs = mostMs
  }

  /** Received bytes of bodies whose requests are not answered yet. */
  get heldBytes (): number { return this.#heldBytes }

  /** The share of the budget that would be in use with this many more bytes. */
  shareWith (bytes: number): number {
    return (this.#heldBytes + bytes) / this.budgetBytes
  }

  /** Whether a body of this many bytes might have no room; changes nothing. */
  isCrowdedWith (bytes: number): boolean {
    return this.#heldBytes + bytes > this.budgetBytes * BODY_SHARE.low
  }

  /** Whether a body of this many bytes has room; slow bodies give way for it. */
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
   * Reserves more than its bytes for a complete body; false if other bodies leave no room.
   *
   * @param own bytes that are already reserved for it
   */
  extend (priorityClass: PriorityClass, bytes: number, own: number, now: number): boolean {
    if (this.#heldBytes > own && !this.hasRoom(priorityClass, bytes, now)) return false
    this.#heldBytes += bytes
    return true
  }

  /** Begins to count a body. */
  begin (body: IncomingBody): void {
    body.startedAt = this.#elapsedMs
    this.#receiving.add(body)
  }

  /** Counts further bytes of a body. May refuse bodies to make room, including this one. */
  grow (body: IncomingBody, bytes: number, now: number): void {
    if (body.bytes === 0) body.keepsPaceUntil = now + GRACE_MS
    body.bytes += bytes
    this.#heldBytes += bytes
    body.keepsPaceUntil = Math.min(now + GRACE_MS, Math.max(body.keepsPaceUntil, now) + bytes / SLOW_BYTES_PER_MS)
    if (!this.hasRoom(body.priorityClass, 0, now) && this.#receiving.has(body)) this.#refuse(body, 'no-room')
  }

  /** Records that a body is complete; its bytes count until they are released. */
  complete (body: IncomingBody): void {
    this.#receiving.delete(body)
  }

  /** Stops counting a body that broke off or was refused. */
  abandon (body: IncomingBody): void {
    if (this.#receiving.delete(body)) this.release(body.bytes)
  }

  /** Releases the bytes of a complete body once its request is answered. */
  release (bytes: number): void {
    this.#heldBytes -= bytes
  }

  /**
   * Refuses bodies that exceed their time.
   *
   * @param elapsedMs time in which the event loop ran; a pause of this process is no sender's fault
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

  /** Returns the slow body that gives way first to this class. */
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
