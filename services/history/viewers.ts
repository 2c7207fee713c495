/** Where the text for one viewer goes, an open HTTP response. */
export interface ViewerSink {
  write: (chunk: Buffer) => unknown
  end: () => unknown
  destroy: () => unknown
  /** Bytes that were written and have not left yet. */
  readonly writableLength: number
}

/** A viewer that leaves so much unread is dropped: the text of an hour and of some minutes. */
const MOST_UNREAD_BYTES = 1_048_576
const MOST_VIEWERS = 1_000

/** Who follows the signals. All get the same bytes, which stand in memory once however many have yet to read them. */
export class Viewers {
  readonly #sinks = new Set<ViewerSink>()
  readonly #most: number
  #isClosed = false

  constructor (most = MOST_VIEWERS) {
    this.#most = most
  }

  get count (): number { return this.#sinks.size }

  /** False when there are too many, or the process is about to stop. */
  get canAdd (): boolean { return !this.#isClosed && this.#sinks.size < this.#most }

  add (sink: ViewerSink): void {
    this.#sinks.add(sink)
  }

  remove (sink: ViewerSink): void {
    this.#sinks.delete(sink)
  }

  /** Sends to all. Who does not read is dropped rather than waited for: it comes back and is told what it missed. */
  send (chunk: Buffer): void {
    for (const sink of this.#sinks) {
      if (sink.writableLength > MOST_UNREAD_BYTES) {
        this.#sinks.delete(sink)
        sink.destroy()
      } else {
        sink.write(chunk)
      }
    }
  }

  /** Ends all streams, for good. Who has not read yet what was sent is cut off, or the process would wait for it. */
  close (): void {
    this.#isClosed = true
    for (const sink of this.#sinks) {
      if (sink.writableLength > 0) sink.destroy()
      else sink.end()
    }
    this.#sinks.clear()
  }
}
