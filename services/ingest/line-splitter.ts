import { isUtf8 } from 'node:buffer'

const NEWLINE = 0x0a

/** Stands for a line that was longer than allowed; its text is not kept. */
export const TOO_LONG = Symbol('line too long')

/** Stands for a line that is not UTF-8. */
export const NOT_UTF8 = Symbol('line not UTF-8')

export type Line = string | typeof TOO_LONG | typeof NOT_UTF8

/**
 * Cuts chunks of bytes into lines, however the chunks fall. Holds at most one unfinished line, and never more than
 * `maxBytes` of it: a line beyond that is passed over to its end and reported as TOO_LONG.
 */
export class LineSplitter {
  readonly #maxBytes: number
  #rest: Buffer[] = []
  #restBytes = 0
  #isSkipping = false

  constructor (maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The lines that end in this chunk, without their newlines. */
  push (chunk: Buffer): Line[] {
    const end = chunk.lastIndexOf(NEWLINE)
    if (end === -1) {
      this.#keep(chunk)
      return []
    }
    const lines = this.#cut(chunk.subarray(0, end))
    this.#keep(chunk.subarray(end + 1))
    return lines
  }

  /** The last line, when the stream did not end with a newline. */
  end (): Line[] {
    return this.#restBytes === 0 && !this.#isSkipping ? [] : this.#cut(Buffer.alloc(0))
  }

  #cut (complete: Buffer): Line[] {
    const wasSkipping = this.#isSkipping
    const bytes = this.#rest.length === 0 ? complete : Buffer.concat([...this.#rest, complete])
    this.#rest = []
    this.#restBytes = 0
    this.#isSkipping = false
    const lines: Line[] = isUtf8(bytes) ? bytes.toString('utf8').split('\n') : cutMixed(bytes)
    if (wasSkipping) lines[0] = TOO_LONG
    return lines.map((line) => typeof line === 'string' && this.#isTooLong(line) ? TOO_LONG : line)
  }

  #isTooLong (line: string): boolean {
    // Bytes are only counted where they may matter: a UTF-16 unit is three bytes at most.
    return line.length * 3 > this.#maxBytes && Buffer.byteLength(line) > this.#maxBytes
  }

  #keep (bytes: Buffer): void {
    if (this.#isSkipping || bytes.length === 0) return
    this.#rest.push(bytes)
    this.#restBytes += bytes.length
    if (this.#restBytes > this.#maxBytes) {
      this.#rest = []
      this.#restBytes = 0
      this.#isSkipping = true
    }
  }
}

/** Cuts bytes of which some are not UTF-8, so that only the lines that have them suffer. */
function cutMixed (bytes: Buffer): Line[] {
  const lines: Line[] = []
  for (let from = 0; from <= bytes.length;) {
    const end = bytes.indexOf(NEWLINE, from)
    const line = bytes.subarray(from, end === -1 ? bytes.length : end)
    lines.push(isUtf8(line) ? line.toString('utf8') : NOT_UTF8)
    if (end === -1) break
    from = end + 1
  }
  return lines
}
