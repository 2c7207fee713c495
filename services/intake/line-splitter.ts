import { isUtf8 } from 'node:buffer'

const NEWLINE = 0x0a
const NOTHING = Buffer.alloc(0)

/** Stands for a line beyond the limit; its text is not kept. */
export const TOO_LONG = Symbol('line too long')

/** Stands for a line that is not UTF-8. */
export const NOT_UTF8 = Symbol('line not UTF-8')

export type Line = string | typeof TOO_LONG | typeof NOT_UTF8

/**
 * Cuts chunks into lines. Holds one chunk and one unfinished line of at most `maxBytes`; a longer line becomes
 * TOO_LONG. Each line is a copy, so none keeps its chunk alive.
 */
export class LineSplitter {
  readonly #maxBytes: number
  #chunk: Buffer = NOTHING
  #at = 0
  /** Lines from this place to the last newline of the chunk are known to be UTF-8. */
  #plainFrom = Infinity
  /** The beginning of an unfinished line, in a buffer with spare room: a line may arrive in a million chunks. */
  #rest: Buffer = NOTHING
  #restBytes = 0
  #isSkipping = false

  constructor (maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes of the unfinished line. */
  get unfinishedBytes (): number { return this.#restBytes }

  /** Accepts a chunk once all lines of the previous one have been read. */
  feed (chunk: Buffer): void {
    this.#chunk = chunk
    this.#at = 0
    const first = chunk.indexOf(NEWLINE)
    const last = chunk.lastIndexOf(NEWLINE)
    this.#plainFrom = first < last && isUtf8(chunk.subarray(first + 1, last)) ? first + 1 : Infinity
  }

  /** Returns the next line of the chunk without its newline; undefined if no further line ends in the chunk. */
  next (): Line | undefined {
    const from = this.#at
    const end = this.#chunk.indexOf(NEWLINE, from)
    if (end === -1) {
      this.#keep(this.#chunk.subarray(from))
      this.#chunk = NOTHING
      this.#at = 0
      return undefined
    }
    this.#at = end + 1
    return this.#restBytes > 0 || this.#isSkipping ? this.#finished(from, end) : this.#lineOf(this.#chunk, from, end)
  }

  /** Returns the last line if the stream did not end with a newline. */
  last (): Line | undefined {
    return this.#restBytes === 0 && !this.#isSkipping ? undefined : this.#finished(0, 0)
  }

  /** Returns the lines that end in this chunk. */
  push (chunk: Buffer): Line[] {
    this.feed(chunk)
    const lines: Line[] = []
    for (let line = this.next(); line !== undefined; line = this.next()) lines.push(line)
    return lines
  }

  /** Returns the result of `last` as a list. */
  end (): Line[] {
    const line = this.last()
    return line === undefined ? [] : [line]
  }

  /** Returns the line that began in earlier chunks and ends in this one. */
  #finished (from: number, end: number): Line {
    this.#keep(this.#chunk.subarray(from, end))
    const line = this.#isSkipping ? TOO_LONG : this.#lineOf(this.#rest, 0, this.#restBytes)
    this.#forget()
    this.#isSkipping = false
    return line
  }

  #lineOf (bytes: Buffer, from: number, end: number): Line {
    if (end - from > this.#maxBytes) return TOO_LONG
    const isPlain = bytes === this.#chunk && from >= this.#plainFrom
    return isPlain || isUtf8(bytes.subarray(from, end)) ? bytes.toString('utf8', from, end) : NOT_UTF8
  }

  #keep (bytes: Buffer): void {
    if (this.#isSkipping || bytes.length === 0) return
    const total = this.#restBytes + bytes.length
    if (total > this.#maxBytes) {
      this.#forget()
      this.#isSkipping = true
      return
    }
    if (total > this.#rest.length) {
      const roomier = Buffer.allocUnsafeSlow(Math.min(this.#maxBytes, Math.max(total, 2 * this.#rest.length)))
      this.#rest.copy(roomier, 0, 0, this.#restBytes)
      this.#rest = roomier
    }
    bytes.copy(this.#rest, this.#restBytes)
    this.#restBytes = total
  }

  #forget (): void {
    this.#rest = NOTHING
    this.#restBytes = 0
  }
}
