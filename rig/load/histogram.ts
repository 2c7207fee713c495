/*
 * Counts of latencies in buckets that grow with the latency, so that a million of them cost no memory and a quantile no sort.
 *
 *   below 128 µs a bucket per microsecond; from there on 64 buckets for each doubling: a quantile is off by 1.6 % at most
 */
const LINEAR_MICROS = 128
const BUCKETS_PER_DOUBLING = 64
const DOUBLING_BITS = 6
const LONGEST_MICROS = 2 ** 31 - 1

/** Latencies of one measurement. */
export class Histogram {
  readonly #counts = new Float64Array(bucketOf(LONGEST_MICROS) + 1)
  #total = 0

  get total (): number { return this.#total }

  /** Counts a latency in milliseconds. */
  record (latencyMs: number): void {
    const bucket = bucketOf(Math.min(LONGEST_MICROS, Math.max(0, Math.round(latencyMs * 1_000))))
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
    this.#total++
  }

  /** The latency in milliseconds that this share of all is not above; 0 when nothing was counted. */
  quantileMs (share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#total))
    let seen = 0
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      seen += this.#counts[bucket] as number
      if (seen >= rank) return upperMicrosOf(bucket) / 1_000
    }
    return 0
  }
}

function bucketOf (micros: number): number {
  if (micros < LINEAR_MICROS) return micros
  const shift = 31 - Math.clz32(micros) - DOUBLING_BITS
  return shift * BUCKETS_PER_DOUBLING + (micros >> shift)
}

/** The largest latency that falls into a bucket. */
function upperMicrosOf (bucket: number): number {
  if (bucket < LINEAR_MICROS) return bucket
  const shift = Math.floor(bucket / BUCKETS_PER_DOUBLING) - 1
  return (bucket - shift * BUCKETS_PER_DOUBLING + 1) * 2 ** shift - 1
}
