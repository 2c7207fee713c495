import { createHistogram } from 'node:perf_hooks'

const LONGEST_MICROS = 2 ** 31 - 1

/** Latencies of one measurement in bounded memory; a quantile is off by a thousandth at most. */
export class Histogram {
  readonly #micros = createHistogram({ figures: 3 })

  get total (): number { return this.#micros.count }

  /** Counts a latency in milliseconds; the shortest is a microsecond. */
  record (latencyMs: number): void {
    this.#micros.record(Math.min(LONGEST_MICROS, Math.max(1, Math.round(latencyMs * 1_000))))
  }

  /** Returns the latency in milliseconds that this share of all does not exceed; 0 if nothing was counted. */
  quantileMs (share: number): number {
    return this.total === 0 ? 0 : this.#micros.percentile(Math.max(Number.MIN_VALUE, share * 100)) / 1_000
  }
}
