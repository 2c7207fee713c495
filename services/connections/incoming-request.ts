import { IncomingMessage } from 'node:http'

/** A chunk of fewer bytes is gathered with those after it. */
const GATHERED_BYTES = 4_096

/** A chunk costs the same however small it is; one of less than so many bytes is small. */
const SMALL_CHUNK_BYTES = 64

/**
 * A request whose chunks, while nobody reads them, take about as much memory as their bytes. Node bounds what waits of a body
 * by its bytes, 64 KB, and keeps each chunk as an object of several hundred bytes: in chunks of one byte these are 16 MB.
 *
 * So chunks that come after the first are gathered, and handed on
 *
 *   at the end of the turn, if nothing is left to be read;
 *   once they fill a block, when the body is read or ends, or when a larger chunk comes.
 *
 * The first chunk, the only one of nearly all requests, goes on at once.
 */
export class IncomingRequest extends IncomingMessage {
  /** Chunks of less than 64 bytes that have come, whoever reads them. */
  smallChunks = 0
  #hasBegun = false
  #block: Buffer | undefined
  #gathered = 0
  #isAwaited = false

  override push (chunk: Buffer | null): boolean {
    if (chunk === null || !this.#hasBegun || chunk.length >= GATHERED_BYTES) {
      this.#handOn()
      this.#hasBegun = true
      this.#note(chunk)
      return super.push(chunk)
    }
    this.#note(chunk)
    if (this.#gathered + chunk.length > GATHERED_BYTES) this.#handOn()
    this.#block ??= Buffer.allocUnsafeSlow(GATHERED_BYTES)
    chunk.copy(this.#block, this.#gathered)
    this.#gathered += chunk.length
    this.#handOnLater()
    return this.readableLength + this.#gathered < this.readableHighWaterMark
  }

  override read (bytes?: number): Buffer | null {
    // Asked for none, a stream only looks whether it wants more.
    if (bytes !== 0) this.#handOn()
    return super.read(bytes) as Buffer | null
  }

  #note (chunk: Buffer | null): void {
    if (chunk !== null && chunk.length < SMALL_CHUNK_BYTES) this.smallChunks++
  }

  /** A reader that has something left to read comes back, one that has nothing waits to be told. */
  #handOnLater (): void {
    if (this.#isAwaited || this.readableLength > 0) return
    this.#isAwaited = true
    setImmediate(() => {
      this.#isAwaited = false
      if (this.readableLength === 0) this.#handOn()
    })
  }

  #handOn (): void {
    if (this.#gathered === 0 || this.#block === undefined) return
    const bytes = this.#block.subarray(0, this.#gathered)
    this.#gathered = 0
    if (bytes.length > GATHERED_BYTES / 2) {
      this.#block = undefined
      super.push(bytes)
    } else super.push(Buffer.from(bytes))
  }
}

/** Chunks of less than 64 bytes in which the body of a request has come so far. */
export function smallChunksOf (request: IncomingMessage): number {
  return request instanceof IncomingRequest ? request.smallChunks : 0
}
