/**
 * Counts admitted events, and their bytes, that a reading of the queue cannot contain yet. Writes and readings share
 * one connection, on which all goes in order: what was sent before a reading was asked for is in it, what was not is
 * not.
 */
export class InTransit {
  #admitted = 0
  #sent = 0
  #sentBeforeReading = 0
  #admittedBytes = 0
  #sentBytes = 0
  #sentBytesBeforeReading = 0

  /** Events that are not in the reading that was asked for last. */
  get count (): number { return this.#admitted - this.#sentBeforeReading }

  /** Their bytes. Sums of fractions, so that what is left of nothing may be less than nothing. */
  get bytes (): number { return Math.max(0, this.#admittedBytes - this.#sentBytesBeforeReading) }

  recordAdmitted (count: number, bytes = 0): void {
    this.#admitted += count
    this.#admittedBytes += bytes
  }

  /** Records that so many admitted events have gone out to Redis, or never will. */
  recordSent (count: number, bytes = 0): void {
    this.#sent += count
    this.#sentBytes += bytes
  }

  /** Runs a write of so many admitted events and notes when they go out, or that they never did. */
  async whileSending<Result> (
    count: number, bytes: number, write: (onSent: () => void) => Promise<Result>
  ): Promise<Result> {
    let isNoted = false
    const note = () => {
      if (!isNoted) this.recordSent(count, bytes)
      isNoted = true
    }
    return await write(note).finally(note)
  }

  /** Records that the next reading is asked for now. */
  beginReading (): void {
    this.#sentBeforeReading = this.#sent
    this.#sentBytesBeforeReading = this.#sentBytes
  }
}
