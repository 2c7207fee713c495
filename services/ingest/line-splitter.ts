const NEWLINE = 0x0a

/** Stands for a line that was longer than allowed; its text is not kept. */
export const TOO_LONG = Symbol('line too long')

export type Line = string | typeof TOO_LONG

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
    const lines: Line[] = bytes.toString('utf8').split('\n')
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
