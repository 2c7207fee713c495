import { IncomingMessage } from 'node:http'

/** A chunk of fewer bytes is gathered with those after it. */
const GATHERED_BYTES = 4_096

/** A chunk costs the same however small it is; one of less than so many bytes is small. */
const SMALL_CHUNK_BYTES = 64

/** A chunk takes so many bytes on the wire besides its own: its length in a digit, and two ends of lines. */
const FRAME_BYTES = 5

/** The frames of chunks may take so many bytes besides twice what the chunks carry. */
const WASTED_BYTES = 16_384

/** A connection whose request came in more small chunks sends them in vain. */
const FAIR_SMALL_CHUNKS = 64

/** Cost of what comes on a connection, in units of a chunk of one byte: about a microsecond. */
const CHUNK_COST = 1
const BYTES_OF_ONE_COST = 2_048
/** The first chunk of a turn wakes its reader. */
const WAKING_COST = 40

/** The connection of a request. */
export interface Reading {
  /** Whether nothing more of it is to be read for now; whoever ends that looks whether the request is full. */
  readonly isHeld: boolean
  /** Whether a request of it came in chunks that cost more than they carry. */
  hasWasted: boolean
  /** Something has come, so much of it of the body of the last request, that takes so much of the turn. */
  hear: (cost: number, bytes: number) => void
}

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
  reading: Reading | undefined
  /** Its reader wants no more for now. */
  isFull = false
  #chunks = 0
  #bytes = 0
  #hasBegun = false
  #block: Buffer | undefined
  #gathered = 0
  #isAwaited = false

  /** Whether its sender chose chunks so small that their frames take more than twice what they carry. */
  get isWasteful (): boolean {
    return this.headers['transfer-encoding'] !== undefined &&
      this.#chunks * FRAME_BYTES > WASTED_BYTES + 2 * this.#bytes
  }

  override push (chunk: Buffer | null): boolean {
    const wantsMore = this.#take(chunk)
    this.isFull = !wantsMore
    return wantsMore
  }

  /** Does not go on with a connection that is held, which a reader that has read all would do. */
  override _read (bytes: number): void {
    this.isFull = false
    if (this.reading?.isHeld !== true) super._read(bytes)
  }

  #take (chunk: Buffer | null): boolean {
    if (chunk === null || !this.#hasBegun || chunk.length >= GATHERED_BYTES) {
      this.#handOn()
      this.#hasBegun = true
      this.#record(chunk)
      return super.push(chunk)
    }
    this.#record(chunk)
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

  #record (chunk: Buffer | null): void {
    if (chunk === null) return
    this.#chunks++
    this.#bytes += chunk.length
    if (chunk.length < SMALL_CHUNK_BYTES) this.smallChunks++
    if (this.reading === undefined) return
    if (this.smallChunks > FAIR_SMALL_CHUNKS) this.reading.hasWasted = true
    this.reading.hear(CHUNK_COST + Math.trunc(chunk.length / BYTES_OF_ONE_COST), chunk.length)
  }

  /** A reader that has something left to read comes back, one that has nothing waits to be woken. */
  #handOnLater (): void {
    if (this.#isAwaited || this.readableLength > 0) return
    this.#isAwaited = true
    this.reading?.hear(WAKING_COST, 0)
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

/**
 * Chunks of less than 64 bytes in which the body of a request has come, once its reader has got one more. Requests of a foreign
 * server do not count them, and do not gather them either.
 */
export function countSmallChunks (request: IncomingMessage, before: number, chunk: Buffer): number {
  if (request instanceof IncomingRequest) return request.smallChunks
  return chunk.length < SMALL_CHUNK_BYTES ? before + 1 : before
}

/** Whether a request comes in chunks that cost more than they carry. */
export function isWasteful (request: IncomingMessage): boolean {
  return request instanceof IncomingRequest && request.isWasteful
}
