/** The last values of a stream, kept sorted: a quantile is one look, a new value a move of memory. */
export class SortedWindow {
  readonly #ring: Float64Array
  readonly #sorted: Float64Array
  #count = 0
  #next = 0

  constructor (size: number) {
    this.#ring = new Float64Array(size)
    this.#sorted = new Float64Array(size)
  }

  get size (): number {
    return this.#count
  }

  add (value: number): void {
    const sorted = this.#sorted
    if (this.#count === this.#ring.length) {
      const old = this.#place(this.#ring[this.#next] as number)
      sorted.copyWithin(old, old + 1, this.#count--)
    }
    const at = this.#place(value)
    sorted.copyWithin(at + 1, at, this.#count++)
    sorted[at] = value
    this.#ring[this.#next] = value
    this.#next = (this.#next + 1) % this.#ring.length
  }

  /** Returns the value at this share of the way up, 0 to 1, between two values by a line; NaN while there is none. */
  quantile (share: number): number {
    const place = Math.max(0, Math.min(1, share)) * (this.#count - 1)
    const low = Math.floor(place)
    const from = this.#sorted[low] ?? NaN
    return this.#count === 0 ? NaN : from + (place - low) * ((this.#sorted[Math.ceil(place)] as number) - from)
  }

  /** Returns the values, oldest first. */
  values (): number[] {
    return Array.from({ length: this.#count }, (_, index) => (
      this.#ring[(this.#next - this.#count + index + this.#ring.length) % this.#ring.length] as number
    ))
  }

  /** Index of the first value that is not lower. */
  #place (value: number): number {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#sorted[middle] as number) < value) low = middle + 1
      else high = middle
    }
    return low
  }
}
