import { finished, type Readable } from 'node:stream'
import { BodyBuffer } from './body-buffer.ts'

/** A sender is read no further while so many of its bytes wait to be taken. */
const HIGH_WATER_BYTES = 65_536

/** A chunk of a chunked body takes so many bytes on the wire besides its own: a digit and two ends of lines. */
const CHUNK_FRAME_BYTES = 5

/** A body may take so many bytes on the wire besides three times its own: a chunk costs the same however small it is. */
const WASTED_BYTES = 16_384

/**
 * The chunks of a body, gathered: all that came in one turn of the event loop is one chunk. One read of a socket may
 * bring eleven thousand chunks of one byte, and Node runs promises after each of them.
 */
export class GatheredChunks implements AsyncIterable<Buffer> {
  readonly #source: Readable
  readonly #isChunked: boolean
  readonly #forget: () => void
  #gathered = new BodyBuffer()
  #untaken = 0
  #bytes = 0
  #wire = 0
  #isWasteful = false
  #isOver = false
  #error: Error | undefined
  #isWaking = false
  #wake: (() => void) | undefined

  /**
   * Reads at once, until its high-water mark; to be stopped.
   *
   * @param isChunked whether the sender chooses the size of the chunks
   */
  constructor (source: Readable, isChunked: boolean) {
    this.#source = source
    this.#isChunked = isChunked
    this.#forget = finished(source, { writable: false }, (error) => {
      this.#isOver = true
      this.#error = error ?? undefined
      this.#handOver()
    })
    source.on('data', this.#onData)
  }

  /** Whether the body came in chunks that are so small that the rest of it is passed over. */
  get isWasteful (): boolean { return this.#isWasteful }

  /** Reads no more. */
  stop (): void {
    this.#forget()
    this.#source.off('data', this.#onData)
  }

  async * [Symbol.asyncIterator] (): AsyncGenerator<Buffer, void> {
    while (true) {
      if (this.#untaken === 0 && !this.#isOver) await new Promise<void>((resolve) => { this.#wake = resolve })
      if (this.#error !== undefined) throw this.#error
      if (this.#untaken === 0) return
      yield this.#take()
    }
  }

  #take (): Buffer {
    const { bytes } = this.#gathered
    this.#gathered = new BodyBuffer()
    this.#untaken = 0
    this.#source.resume()
    return bytes
  }

  readonly #onData = (chunk: Buffer): void => {
    // A chunk that nobody listens for costs Node more than one that is passed over here.
    if (this.#isWasteful) return
    this.#gathered.append(chunk, undefined)
    this.#untaken += chunk.length
    this.#bytes += chunk.length
    this.#wire += chunk.length + CHUNK_FRAME_BYTES
    if (this.#isChunked && this.#wire > WASTED_BYTES + 3 * this.#bytes) this.#isWasteful = true
    else if (this.#untaken >= HIGH_WATER_BYTES) this.#source.pause()
    if (this.#isWaking) return
    this.#isWaking = true
    setImmediate(this.#handOver)
  }

  readonly #handOver = (): void => {
    this.#isWaking = false
    this.#wake?.()
    this.#wake = undefined
  }
}
