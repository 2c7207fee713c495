/** The destination of the text for one viewer, an open HTTP response. */
export interface ViewerSink {
  write: (chunk: Buffer) => unknown
  end: () => unknown
  destroy: () => unknown
  /** Bytes that were written and have not left yet. */
  readonly writableLength: number
}

export interface ViewerLimits {
  /** Streams of this process. */
  readonly most: number
  /** The last of them, for addresses with few streams: one client cannot shut out the operators. */
  readonly reserved: number
  /** An address with as many streams gets none of the reserved ones. */
  readonly few: number
}

/** A viewer that leaves so much unread is dropped: the text of an hour and of some minutes. */
const MOST_UNREAD_BYTES = 1_048_576
const LIMITS: ViewerLimits = { most: 1_000, reserved: 100, few: 10 }

/** The open streams of one kind. All viewers get the same bytes, which stand in memory once however many have yet to read them. */
export class Viewers {
  readonly #addresses = new Map<ViewerSink, string>()
  readonly #countByAddress = new Map<string, number>()
  readonly #limits: ViewerLimits
  #isClosed = false

  constructor (limits: Partial<ViewerLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits }
  }

  get count (): number { return this.#addresses.size }

  /** False when there are too many streams, too many of this address for the reserved ones, or the process is about to stop. */
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

  /** Sends to all, or to some of them. A viewer that does not read is dropped: it comes back and gets what it missed. */
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

  /** Ends all streams, for good. A viewer that has unread text is cut off, or the process would wait for it. */
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
