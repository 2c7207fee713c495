/**
 * Counts admitted events, and their bytes, that a reading of the queue cannot contain yet. Writes and readings share
 * one connection, which keeps their order: a reading contains exactly the writes that were sent before it.
 */
export class InTransit {
  #admitted = 0
  #sent = 0
  #sentBeforeReading = 0
  #admittedBytes = 0
  #sentBytes = 0
  #sentBytesBeforeReading = 0

  /** Events that the reading requested last does not contain. */
  get count (): number { return this.#admitted - this.#sentBeforeReading }

  /** Their bytes. These are sums of fractions, so rounding may leave slightly less than zero. */
  get bytes (): number { return Math.max(0, this.#admittedBytes - this.#sentBytesBeforeReading) }

  recordAdmitted (count: number, bytes = 0): void {
    this.#admitted += count
    this.#admittedBytes += bytes
  }

  /** Records that this many admitted events were sent to Redis, or never will be. */
  recordSent (count: number, bytes = 0): void {
    this.#sent += count
    this.#sentBytes += bytes
  }

  /** Runs a write of this many admitted events, and records that they were sent or never will be. */
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

  /** Records that the next reading is requested now. */
  beginReading (): void {
    this.#sentBeforeReading = this.#sent
    this.#sentBytesBeforeReading = this.#sentBytes
  }
}
