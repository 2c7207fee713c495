/** Least free room after an append, so a body of many small chunks does not grow with each of them. */
const LEAST_BYTES = 4_096

/**
 * Collects a body in one block: a list would cost a hundred bytes a chunk, a gigabyte for sixteen million of one byte.
 * The block doubles, and its memory goes back at once instead of with the next garbage collection.
 */
export class BodyBuffer {
  /** The only chunk, unchanged, or the block of this body. */
  #block: Buffer | undefined
  #isOwn = false
  #length = 0

  /** @param expectedBytes the whole length, if it is known */
  append (chunk: Buffer, expectedBytes: number | undefined): void {
    const length = this.#length + chunk.length
    if (this.#block === undefined) this.#block = chunk
    else {
      if (!this.#isOwn || length > this.#block.length) this.#grow(length, expectedBytes)
      this.#block.set(chunk, this.#length)
    }
    this.#length = length
  }

  /** The body; invalid after `free`. */
  get bytes (): Buffer { return this.#block?.subarray(0, this.#length) ?? Buffer.alloc(0) }

  free (): void {
    if (this.#isOwn && this.#block !== undefined) (this.#block.buffer as ArrayBuffer).transfer(0)
    this.#block = undefined
    this.#isOwn = false
    this.#length = 0
  }

  #grow (length: number, expectedBytes: number | undefined): void {
    const old = this.#block as Buffer
    const doubled = Math.max(LEAST_BYTES, 2 * length)
    const size = expectedBytes === undefined || expectedBytes < length ? doubled : Math.min(doubled, expectedBytes)
    if (this.#isOwn) this.#block = Buffer.from((old.buffer as ArrayBuffer).transfer(size))
    else {
      this.#block = Buffer.from(new ArrayBuffer(size))
      this.#block.set(old)
      this.#isOwn = true
    }
  }
}
