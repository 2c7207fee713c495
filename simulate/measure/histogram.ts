const PER_OCTAVE = 32
const OCTAVES = 40

/** Counts of values that are not negative, in buckets that grow by 2 %: a percentile is exact to 1 %. */
export class Histogram {
  readonly #buckets = new Float64Array(PER_OCTAVE * OCTAVES)
  #count = 0

  get count (): number { return this.#count }

  add (value: number): void {
    this.#buckets[Math.floor(Math.log2(1 + value) * PER_OCTAVE)]!++
    this.#count++
  }

  /** The value that this share of the values does not exceed; 0 when there is none. */
  quantile (share: number): number {
    let left = Math.max(1, Math.ceil(this.#count * share))
    for (const [index, count] of this.#buckets.entries()) {
      left -= count
      if (left <= 0) return index === 0 ? 0 : 2 ** ((index + 0.5) / PER_OCTAVE) - 1
    }
    return 0
  }
}
