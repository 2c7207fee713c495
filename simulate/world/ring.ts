/** Numbers in a row, with removal from either end. */
export class Ring {
  #values = new Int32Array(64)
  #head = 0
  #size = 0

  get size (): number { return this.#size }

  /** The oldest; there has to be one. */
  get first (): number { return this.#values[this.#head] as number }

  push (value: number): void {
    if (this.#size === this.#values.length) this.#grow()
    this.#values[(this.#head + this.#size++) & (this.#values.length - 1)] = value
  }

  /** Takes the oldest; there has to be one. */
  shift (): number {
    const value = this.#values[this.#head] as number
    this.#head = (this.#head + 1) & (this.#values.length - 1)
    this.#size--
    return value
  }

  /** Takes the newest; there has to be one. */
  pop (): number {
    return this.#values[(this.#head + --this.#size) & (this.#values.length - 1)] as number
  }

  /** The length stays a power of two, so that an index wraps with a mask. */
  #grow (): void {
    const values = new Int32Array(2 * this.#size)
    for (let index = 0; index < this.#size; index++) {
      values[index] = this.#values[(this.#head + index) & (this.#size - 1)] as number
    }
    this.#values = values
    this.#head = 0
  }
}
