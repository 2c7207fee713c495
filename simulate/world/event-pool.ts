const FIRST_SIZE = 1_024

/** The label of an event of which the arrivals tell nothing. */
export const NO_LABEL = -1

/** The events that are waiting, in work or to come back, each in a slot of typed arrays: no object per event. */
export class EventPool {
  id = new Uint32Array(FIRST_SIZE)
  organization = new Uint32Array(FIRST_SIZE)
  class = new Uint8Array(FIRST_SIZE)
  /** Its label in the arrivals, or NO_LABEL. */
  label = new Int32Array(FIRST_SIZE)
  /** Service time in milliseconds at normal speed. */
  serviceMs = new Float64Array(FIRST_SIZE)
  /** Times in milliseconds at which the event was offered first, and admitted. */
  offeredAt = new Float64Array(FIRST_SIZE)
  admittedAt = new Float64Array(FIRST_SIZE)
  /** When the present attempt began. */
  startedAt = new Float64Array(FIRST_SIZE)
  /** The deadline; Infinity without one. */
  expiresAt = new Float64Array(FIRST_SIZE)
  /** Offers so far, and attempts of workers. */
  offers = new Uint16Array(FIRST_SIZE)
  attempts = new Uint8Array(FIRST_SIZE)
  /** 1 if its work began within the budget of its class after the first offer. */
  isTimely = new Uint8Array(FIRST_SIZE)
  /** 1 if the present attempt will time out. */
  isTimedOut = new Uint8Array(FIRST_SIZE)
  #free = Int32Array.from({ length: FIRST_SIZE }, (_, index) => FIRST_SIZE - 1 - index)
  #freeCount = FIRST_SIZE

  take (
    id: number, priorityClass: number, organization: number, label: number, serviceMs: number, offeredAt: number,
    expiresAt = Infinity
  ): number {
    if (this.#freeCount === 0) this.#grow()
    const slot = this.#free[--this.#freeCount] as number
    this.id[slot] = id
    this.class[slot] = priorityClass
    this.organization[slot] = organization
    this.label[slot] = label
    this.serviceMs[slot] = serviceMs
    this.offeredAt[slot] = offeredAt
    this.admittedAt[slot] = offeredAt
    this.startedAt[slot] = offeredAt
    this.expiresAt[slot] = expiresAt
    this.offers[slot] = 0
    this.attempts[slot] = 0
    this.isTimely[slot] = 0
    this.isTimedOut[slot] = 0
    return slot
  }

  release (slot: number): void {
    this.#free[this.#freeCount++] = slot
  }

  #grow (): void {
    const size = this.id.length
    this.id = grown(this.id, new Uint32Array(2 * size))
    this.organization = grown(this.organization, new Uint32Array(2 * size))
    this.class = grown(this.class, new Uint8Array(2 * size))
    this.label = grown(this.label, new Int32Array(2 * size))
    this.serviceMs = grown(this.serviceMs, new Float64Array(2 * size))
    this.offeredAt = grown(this.offeredAt, new Float64Array(2 * size))
    this.admittedAt = grown(this.admittedAt, new Float64Array(2 * size))
    this.startedAt = grown(this.startedAt, new Float64Array(2 * size))
    this.expiresAt = grown(this.expiresAt, new Float64Array(2 * size))
    this.offers = grown(this.offers, new Uint16Array(2 * size))
    this.attempts = grown(this.attempts, new Uint8Array(2 * size))
    this.isTimely = grown(this.isTimely, new Uint8Array(2 * size))
    this.isTimedOut = grown(this.isTimedOut, new Uint8Array(2 * size))
    this.#free = new Int32Array(2 * size)
    for (let index = 0; index < size; index++) this.#free[index] = 2 * size - 1 - index
    this.#freeCount = size
  }
}

function grown<T extends Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array> (from: T, to: T): T {
  to.set(from)
  return to
}
