/**
 * Counts what each key has in flight in this process, so that one producer cannot take all connections or streams. It
 * knows only keys with something in flight.
 */
export class KeySlots {
  readonly #most: number
  readonly #inFlight = new Map<string, number>()

  /** @param most of each key */
  constructor (most: number) {
    this.#most = most
  }

  /** Keys with something in flight. */
  get keys (): number { return this.#inFlight.size }

  /** Takes a slot of a key, which the caller gives back; false if none is left. */
  take (id: string): boolean {
    const taken = this.#inFlight.get(id) ?? 0
    if (taken >= this.#most) return false
    this.#inFlight.set(id, taken + 1)
    return true
  }

  give (id: string): void {
    const taken = this.#inFlight.get(id) ?? 0
    if (taken <= 1) this.#inFlight.delete(id)
    else this.#inFlight.set(id, taken - 1)
  }
}
