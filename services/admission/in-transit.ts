/**
 * Counts admitted events that a reading of the queue cannot contain yet. Writes and readings share one connection, on which
 * all goes in order: what was sent before a reading was asked for is in it, what was not is not.
 */
export class InTransit {
  #admitted = 0
  #sent = 0
  #sentBeforeReading = 0

  /** Events that are not in the reading that was asked for last. */
  get count (): number { return this.#admitted - this.#sentBeforeReading }

  noteAdmitted (count: number): void {
    this.#admitted += count
  }

  /** Notes that so many admitted events have gone out to Redis, or never will. */
  noteSent (count: number): void {
    this.#sent += count
  }

  /** Runs a write of so many admitted events and notes when they go out, or that they never did. */
  async whileSending<Result> (count: number, write: (onSent: () => void) => Promise<Result>): Promise<Result> {
    let isNoted = false
    const note = () => {
      if (!isNoted) this.noteSent(count)
      isNoted = true
    }
    return await write(note).finally(note)
  }

  /** Notes that the next reading is asked for now. */
  beginReading (): void {
    this.#sentBeforeReading = this.#sent
  }
}
