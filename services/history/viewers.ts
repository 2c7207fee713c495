/** The destination of the text for one viewer, an open HTTP response. */
export interface ViewerSink {
  write: (chunk: Buffer) => unknown
  end: () => unknown
  destroy: () => unknown
  /** Bytes that were written and not yet sent. */
  readonly writableLength: number
}

export interface ViewerLimits {
  /** Streams of this process. */
  readonly most: number
  /** Streams that only addresses with few streams may take, so one client cannot shut out the operators. */
  readonly reserved: number
  /** An address with this many streams gets none of the reserved ones. */
  readonly few: number
}

/** A viewer with this many unread bytes is dropped: the text of an hour and some minutes. */
const MOST_UNREAD_BYTES = 1_048_576
const LIMITS: ViewerLimits = { most: 1_000, reserved: 100, few: 10 }

/** The open streams of one kind. All viewers share the same bytes, which memory holds once. */
export class Viewers {
  readonly #addresses = new Map<ViewerSink, string>()
  readonly #countByAddress = new Map<string, number>()
  readonly #limits: ViewerLimits
  #isClosed = false

  constructor (limits: Partial<ViewerLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits }
  }

  get count (): number { return this.#addresses.size }

  /** False if there are too many streams, too many of this address for the reserved ones, or the process stops. */
  canAdd (address: string): boolean {
    const { most, reserved, few } = this.#limits
    if (this.#isClosed || this.count >= most) return false
    return this.count < most - reserved || (this.#countByAddress.get(address) ?? 0) < few
  }

  add (sink: ViewerSink, address: string): void {
    this.#addresses.set(sink, address)
    this.#countByAddress.set(address, (this.#countByAddress.get(address) ?? 0) + 1)
  }

  remove (sink: ViewerSink): void {
    const address = this.#addresses.get(sink)
    if (address === undefined) return
    this.#addresses.delete(sink)
    const left = (this.#countByAddress.get(address) ?? 0) - 1
    if (left > 0) this.#countByAddress.set(address, left)
    else this.#countByAddress.delete(address)
  }

  /** Sends to all or some viewers. Drops a viewer that does not read: it reconnects and gets the missed part. */
  send (chunk: Buffer, sinks: Iterable<ViewerSink> = this.#addresses.keys()): void {
    for (const sink of sinks) {
      if (sink.writableLength > MOST_UNREAD_BYTES) {
        this.remove(sink)
        sink.destroy()
      } else {
        sink.write(chunk)
      }
    }
  }

  /** Ends all streams for good. Cuts viewers with unread text off, or the process would wait for them. */
  close (): void {
    this.#isClosed = true
    for (const sink of this.#addresses.keys()) {
      if (sink.writableLength > 0) sink.destroy()
      else sink.end()
    }
    this.#addresses.clear()
    this.#countByAddress.clear()
  }
}
