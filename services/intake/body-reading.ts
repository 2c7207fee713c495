import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { IncomingBody, type BodiesInFlight, type BodyRefusalCause } from '../admission/bodies-in-flight.ts'
import { priorityClass, type PriorityClass } from '../admission/priority-class.ts'
import { countSmallChunks } from '../connections/incoming-request.ts'
import { BodyBuffer } from './body-buffer.ts'
import type { ContentCoding } from './content-coding.ts'
import { InflatedBody } from './inflated-body.ts'

/** A body up to this size is not counted if it arrives in one piece, nor after it has been read. */
const COUNTED_BYTES = 65_536

/** Bytes of a body are counted in steps of this size. */
const COUNTED_AT_ONCE_BYTES = 4_096

/** Most chunks of less than 64 bytes. Each costs the same: a million of one byte take a second of CPU time. */
const MOST_SMALL_CHUNKS = 8_192

export interface BodyReaderOptions<Request> {
  bodies: BodiesInFlight
  /** Returns the priority that decides whether a body of this many bytes is refused. */
  priorityOf: (request: Request, bytes: number) => number
  /** Returns the error that refuses a body in flight. */
  refusal: (because: BodyRefusalCause, request: Request, priority: number) => Error
  /** Returns the error for a body that is shorter or longer than announced. */
  wrongLength: () => Error
  /** Sends 100 Continue to a sender that waits for it: its body will be read. */
  invite: (request: Request) => void
  /** Calls back once the request has been answered. */
  onceAnswered: (request: Request, callback: () => void) => void
  /** Milliseconds of any clock that does not go back. */
  now: () => number
}

export interface BodyRequest<Request> {
  request: Request
  payload: Readable
  /** The coding of the payload; undefined if it is not compressed. */
  coding: ContentCoding | undefined
  /** Bounds the payload, and what it inflates to. */
  limitBytes: number
  /** Returns the error for a larger body. */
  tooLarge: () => Error
}

/** A request with a body to read. */
interface Arrival {
  readonly raw: IncomingMessage
}

type Done = (error: Error | null, body?: Buffer) => void

/** Reads a body within its limit and the budget for all bodies. */
export function bodyReader<Request extends Arrival> (options: BodyReaderOptions<Request>) {
  return (from: BodyRequest<Request>, done: Done): void => new BodyReading(options, from, done).start()
}

function tooManyChunks (): Error {
  const message = `The body came in more than ${MOST_SMALL_CHUNKS} chunks of less than 64 bytes; send larger chunks`
  return Object.assign(new Error(message), { statusCode: 400 })
}

class BodyReading<Request extends Arrival> extends IncomingBody {
  readonly #options: BodyReaderOptions<Request>
  readonly #from: BodyRequest<Request>
  readonly #done: Done
  readonly #buffer = new BodyBuffer()
  /** The bytes of the request, or those that they inflate to. */
  readonly #body: Readable
  /** Length of the whole request body; undefined for a chunked one. */
  readonly #length: number | undefined
  /** Length of the whole body; undefined for a chunked or compressed one. */
  readonly #announced: number | undefined
  #compressed = 0
  #received = 0
  #uncounted = 0
  #smallChunks = 0

  constructor (options: BodyReaderOptions<Request>, from: BodyRequest<Request>, done: Done) {
    super()
    this.#options = options
    this.#from = from
    this.#done = done
    const length = from.request.raw.headers['content-length']
    this.#length = length === undefined ? undefined : Number(length)
    const { coding, payload } = from
    this.#announced = coding === undefined ? this.#length : undefined
    this.#body = coding === undefined
      ? payload
      : new InflatedBody({ coding, source: payload, judge: (chunk) => this.#judgeCompressed(chunk) })
  }

  get priorityClass (): PriorityClass { return priorityClass(this.#priority) }

  start (): void {
    const { request, limitBytes, tooLarge } = this.#from
    if (this.#length !== undefined && this.#length > limitBytes) return this.#done(tooLarge())
    this.#options.invite(request)
    this.#options.bodies.begin(this)
    this.#body.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onError).resume()
  }

  refuse (because: BodyRefusalCause): void {
    this.#fail(this.#options.refusal(because, this.#from.request, this.#priority))
  }

  get #priority (): number {
    return this.#options.priorityOf(this.#from.request, this.#announced ?? this.#received)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#received += chunk.length
    if (this.#received > this.#from.limitBytes) return this.#abandon(this.#from.tooLarge())
    const error = this.#excessOfChunks(chunk)
    if (error !== undefined) return this.#abandon(error)
    this.#buffer.append(chunk, this.#announced)
    // Nearly all bodies are small and complete in their first chunk; counting them would cost time and change nothing.
    if (chunk.length === this.#announced && chunk.length <= COUNTED_BYTES) return
    this.#uncounted += chunk.length
    if (this.#uncounted < COUNTED_AT_ONCE_BYTES) return
    const bytes = this.#uncounted
    this.#uncounted = 0
    this.#options.bodies.grow(this, bytes, this.#options.now())
  }

  /** Bounds a compressed body by its own bytes too: they need not inflate to anything. */
  #judgeCompressed (chunk: Buffer): Error | undefined {
    this.#compressed += chunk.length
    return this.#compressed > this.#from.limitBytes ? this.#from.tooLarge() : this.#excessOfChunks(chunk)
  }

  #excessOfChunks (chunk: Buffer): Error | undefined {
    this.#smallChunks = countSmallChunks(this.#from.request.raw, this.#smallChunks, chunk)
    return this.#smallChunks > MOST_SMALL_CHUNKS ? tooManyChunks() : undefined
  }

  readonly #onEnd = (): void => {
    if (this.#announced !== undefined && this.#received !== this.#announced) {
      return this.#abandon(this.#options.wrongLength())
    }
    const { bodies } = this.#options
    const { bytes } = this
    this.#detach()
    bodies.complete(this)
    // The events of a large body take memory until they are answered, even if the sender has disconnected.
    if (bytes > COUNTED_BYTES) this.#options.onceAnswered(this.#from.request, () => bodies.release(bytes))
    else bodies.release(bytes)
    this.#done(null, this.#buffer.bytes)
  }

  readonly #onError = (error: Error & { statusCode?: number }): void => {
    error.statusCode ??= 400
    this.#abandon(error)
  }

  #abandon (error: Error): void {
    this.#options.bodies.abandon(this)
    this.#fail(error)
  }

  #fail (error: Error): void {
    this.#detach()
    if (this.#body !== this.#from.payload) this.#body.destroy()
    this.#buffer.free()
    this.#done(error)
  }

  #detach (): void {
    this.#body.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onError)
  }
}
