/*
 * Decompresses a body while it arrives.
 *
 *   source ──► decoder (a thread of Node's pool, 16 KiB of output at a time) ──► reader
 *
 * Nothing runs before the reader asks for the first byte. The source is paused while the reader has enough, so TCP
 * slows the sender down as with any other body. Bytes are judged before the reader gets them: a small body that
 * inflates to millions of bytes ends at the first output beyond its bound.
 */
import { Readable } from 'node:stream'
import type { ByteBudget } from './byte-budget.ts'
import type { ContentCoding } from './content-coding.ts'

/** A body may inflate to this many bytes whatever its own size. */
const FREE_BYTES = 65_536

/** Beyond that, to this many times its size. Events compress to a tenth or a thirtieth. */
const MOST_RATIO = 100

export type InflationFault = 'compressed-too-much' | 'not-decodable' | 'chunks-too-small' | 'process-overloaded'

const STATUS: Readonly<Record<InflationFault, number>> = {
  'compressed-too-much': 413, 'not-decodable': 400, 'chunks-too-small': 400, 'process-overloaded': 503
}

/** The body cannot be decompressed. */
export class InflationError extends Error {
  readonly fault: InflationFault
  readonly statusCode: number

  constructor (fault: InflationFault, message: string) {
    super(message)
    this.fault = fault
    this.statusCode = STATUS[fault]
  }
}

export interface InflatedBodyOptions {
  readonly coding: ContentCoding
  readonly source: Readable
  /** Returns the error that ends the body, after each chunk of the source. */
  readonly judge?: (chunk: Buffer) => Error | undefined
  /** The memory for the windows of decoders that are open for long. */
  readonly windows?: ByteBudget
}

export class InflatedBody extends Readable {
  readonly #options: InflatedBodyOptions
  #decoder: ReturnType<ContentCoding['decoder']> | undefined
  #received = 0
  #inflated = 0
  #heldBytes = 0

  constructor (options: InflatedBodyOptions) {
    super()
    this.#options = options
    // A body that breaks off before anybody reads it has no other listener; readers still see its error.
    this.on('error', () => {})
  }

  override _read (): void {
    if (this.#decoder === undefined) this.#start()
    else this.#decoder.resume()
  }

  override _destroy (error: Error | null, done: (error?: Error | null) => void): void {
    const { source, windows } = this.#options
    source.off('data', this.#onChunk).off('end', this.#onEnd).off('error', this.#onBroken).off('close', this.#onClose)
    this.#decoder?.off('data', this.#onInflated).destroy()
    windows?.give(this.#heldBytes)
    // The rest of the body is discarded like that of any other body whose reader stops.
    source.resume()
    done(error)
  }

  #start (): void {
    const { coding, source } = this.#options
    const decoder = coding.decoder()
    this.#decoder = decoder
    decoder.on('data', this.#onInflated).on('drain', () => source.resume())
    decoder.on('error', (error: NodeJS.ErrnoException) =>
      this.destroy(undecodable(coding.name, faultOf(coding.name, error)))
    )
    decoder.on('end', () => {
      if (decoder.bytesWritten === this.#received) this.push(null)
      else this.destroy(undecodable(coding.name, 'other data follows the body'))
    })
    source.on('data', this.#onChunk).on('end', this.#onEnd).on('error', this.#onBroken).on('close', this.#onClose)
    source.resume()
  }

  readonly #onChunk = (chunk: Buffer): void => {
    const { source, judge } = this.#options
    this.#received += chunk.length
    const error = judge?.(chunk)
    if (error !== undefined) this.destroy(error)
    else if (this.#decoder?.write(chunk) === false) source.pause()
  }

  readonly #onEnd = (): void => { this.#decoder?.end() }

  readonly #onBroken = (error: Error): void => { this.destroy(error) }

  readonly #onClose = (): void => {
    if (!this.#options.source.readableEnded) this.destroy(new Error('the request ended before its body'))
  }

  readonly #onInflated = (chunk: Buffer): void => {
    this.#inflated += chunk.length
    const error = this.#excess()
    if (error !== undefined) this.destroy(error)
    else if (!this.push(chunk)) this.#decoder?.pause()
  }

  #excess (): InflationError | undefined {
    const { coding, windows } = this.#options
    if (this.#inflated > Math.max(FREE_BYTES, MOST_RATIO * this.#received)) {
      return new InflationError(
        'compressed-too-much',
        `Content-Encoding ${coding.name}: the body inflates to more than ${MOST_RATIO} times its size; ` +
        'send it uncompressed'
      )
    }
    const window = Math.min(coding.windowBytes, this.#inflated)
    if (windows === undefined || window === this.#heldBytes) return undefined
    if (!windows.take(window - this.#heldBytes)) {
      return new InflationError(
        'process-overloaded', `The process lacks memory to decompress ${coding.name}; send the rest later, or as gzip`
      )
    }
    this.#heldBytes = window
    return undefined
  }
}

function faultOf (name: string, { code, message }: NodeJS.ErrnoException): string {
  return code === 'Z_BUF_ERROR' ? 'the body ends too early; send all of it' : `the body is not ${name} (${message})`
}

function undecodable (name: string, fault: string): InflationError {
  return new InflationError('not-decodable', `Content-Encoding ${name}: ${fault}`)
}
