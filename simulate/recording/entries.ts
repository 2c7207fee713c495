import type { RecordedArrivals } from '../arrivals/arrivals.ts'

/** Collects events of kinds in bins, in any order, and puts them in order. */
export class Entries {
  #size = 0
  #bin = new Int32Array(4_096)
  #kind = new Int32Array(4_096)
  #offered = new Float64Array(4_096)
  #refused = new Float64Array(4_096)

  get size (): number { return this.#size }

  add (bin: number, kind: number, offered: number, refused: number): void {
    if (this.#size === this.#bin.length) this.#grow()
    const at = this.#size++
    this.#bin[at] = bin
    this.#kind[at] = kind
    this.#offered[at] = offered
    this.#refused[at] = refused
  }

  /** The entries in the order of their bins (counting sort), and the offers in each bin. */
  sorted (bins: number): Pick<RecordedArrivals, 'starts' | 'kindOf' | 'counts' | 'refused'> & { total: Float64Array } {
    const size = this.#size
    const starts = new Int32Array(bins + 1)
    for (let at = 0; at < size; at++) starts[(this.#bin[at] as number) + 1]!++
    for (let bin = 0; bin < bins; bin++) starts[bin + 1]! += starts[bin] as number
    const next = starts.slice()
    const kindOf = new Int32Array(size)
    const counts = new Float64Array(size)
    const refused = new Float64Array(size)
    const total = new Float64Array(bins)
    for (let at = 0; at < size; at++) {
      const bin = this.#bin[at] as number
      const to = next[bin]!++
      kindOf[to] = this.#kind[at] as number
      counts[to] = this.#offered[at] as number
      refused[to] = this.#refused[at] as number
      total[bin]! += this.#offered[at] as number
    }
    return { starts, kindOf, counts, refused, total }
  }

  #grow (): void {
    const size = 2 * this.#size
    this.#bin = grown(this.#bin, new Int32Array(size))
    this.#kind = grown(this.#kind, new Int32Array(size))
    this.#offered = grown(this.#offered, new Float64Array(size))
    this.#refused = grown(this.#refused, new Float64Array(size))
  }
}

function grown<T extends Int32Array | Float64Array> (from: T, to: T): T {
  to.set(from)
  return to
}
