/** Counts by an index that grows, such as a minute of the run. */
export class GrowingCounts {
  #values = new Float64Array(64)
  #length = 0

  get values (): Float64Array { return this.#values.subarray(0, this.#length) }

  add (index: number, amount = 1): void {
    if (index >= this.#values.length) {
      const values = new Float64Array(2 * index)
      values.set(this.#values)
      this.#values = values
    }
    if (index >= this.#length) this.#length = index + 1
    this.#values[index]! += amount
  }

  at (index: number): number { return this.#values[index] ?? 0 }
}
