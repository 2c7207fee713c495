import { IncomingMessage } from 'node:http'
import type { ApiPort } from './api-port.ts'

/** Smaller chunks are gathered with those after them. */
const GATHERED_BYTES = 4_096

/** Chunks below this size are small; each chunk costs the same whatever its size. */
const SMALL_CHUNK_BYTES = 64

/** Bytes of the frame of a chunk on the wire: its length in one digit, and two line ends. */
const FRAME_BYTES = 5

/** Bytes that the frames of chunks may take beyond twice their content. */
const WASTED_BYTES = 16_384

/** Small chunks of a request before its connection counts as wasteful. */
const FAIR_SMALL_CHUNKS = 64

/** The unit of cost is a chunk of one byte, about a microsecond. */
const CHUNK_COST = 1
const BYTES_OF_ONE_COST = 2_048
/** The first chunk of a turn wakes its reader. */
const WAKING_COST = 40

/** The connection of a request. */
export interface Reading {
  readonly port: ApiPort
  /** Whether reading is suspended; the code that resumes it checks whether the request is full. */
  readonly isHeld: boolean
  /** Whether one of its requests had wasteful chunks. */
  hasWasted: boolean
  /** Reports data that arrived: its cost, and its bytes of the body of the last request. */
  hear: (cost: number, bytes: number) => void
}

/**
 * A request whose unread chunks take about as much memory as their bytes. Node bounds the unread part of a body to 64
 * KB and keeps each chunk as an object of several hundred bytes: in chunks of one byte, these objects take 16 MB.
 *
 * So chunks after the first are gathered, and handed on
 *
 *   at the end of the turn, if nothing is left to be read;
 *   once they fill a block, when the body is read or ends, or when a larger chunk comes.
 *
 * The first chunk, the only one of nearly all requests, goes on at once.
 */
export class IncomingRequest extends IncomingMessage {
  /** Chunks of less than 64 bytes that arrived, read or not. */
  smallChunks = 0
  reading: Reading | undefined
  /** Its reader has enough for now. */
  isFull = false
  #chunks = 0
  #bytes = 0
  #hasBegun = false
  #block: Buffer | undefined
  #gathered = 0
  #isAwaited = false

  /** Whether the frames of its chunks take more than twice their content. */
  get isWasteful (): boolean {
    return this.headers['transfer-encoding'] !== undefined &&
      this.#chunks * FRAME_BYTES > WASTED_BYTES + 2 * this.#bytes
  }

  override push (chunk: Buffer | null): boolean {
    const wantsMore = this.#take(chunk)
    this.isFull = !wantsMore
    return wantsMore
  }

  /** Does not resume a held connection, which an empty reader would otherwise do. */
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
    // A read of zero bytes only checks whether the stream wants more.
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

  /** A reader with unread data returns; one without waits to be woken. */
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

/** Returns the number of chunks of less than 64 bytes of a body so far. */
export function smallChunksOf (request: IncomingMessage): number {
  return request instanceof IncomingRequest ? request.smallChunks : 0
}

/**
 * Returns the number of chunks of less than 64 bytes of a body after its reader received one more. Requests of a
 * foreign server neither count nor gather chunks.
 */
export function countSmallChunks (request: IncomingMessage, before: number, chunk: Buffer): number {
  if (request instanceof IncomingRequest) return request.smallChunks
  return chunk.length < SMALL_CHUNK_BYTES ? before + 1 : before
}

/** Whether the chunks of a request cost more than their content justifies. */
export function isWasteful (request: IncomingMessage): boolean {
  return request instanceof IncomingRequest && request.isWasteful
}

/** Returns the port that a request came to; PORT for one that came to none, or to a foreign server. */
export function portOf (request: IncomingMessage): ApiPort {
  return request instanceof IncomingRequest ? request.reading?.port ?? 'main' : 'main'
}
