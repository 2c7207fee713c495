import type { Metric, MetricObjectWithValues, MetricValue, Registry } from '@prometheus-io/client'

/** Durations or sizes of one series, counted by bucket in plain numbers. */
export class Tally {
  readonly #bounds: readonly number[]
  /** One more than there are bounds: the last counts values above all of them. */
  readonly counts: Float64Array
  sum = 0

  constructor (bounds: readonly number[]) {
    this.#bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  observe (value: number): void {
    const bounds = this.#bounds
    let bucket = 0
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++
    this.counts[bucket] = (this.counts[bucket] as number) + 1
    this.sum += value
  }
}

export interface TallyHistogramOptions {
  name: string
  help: string
  /** Upper bounds of the buckets, ascending. */
  buckets: readonly number[]
  registry: Registry
}

/**
 * A histogram for hot paths: a value adds one to a number, while the library creates objects and a text of the labels
 * (`npm run bench:instruments` compares them). A scrape creates the series.
 */
export class TallyHistogram<Label extends string> {
  readonly #options: TallyHistogramOptions
  readonly #series: { labels: Record<Label, string | number>, tally: Tally }[] = []

  constructor (options: TallyHistogramOptions) {
    this.#options = options
    const { name, registry } = options
    // A registry uses only the name of a metric and the result of `get`.
    registry
      .registerMetric({ name, get: () => Promise.resolve(this.#collected()), reset: () => {} } as unknown as Metric)
  }

  /** Adds a series; the caller keeps its tally, so no lookup by labels is needed. */
  add (labels: Record<Label, string | number>): Tally {
    const tally = new Tally(this.#options.buckets)
    this.#series.push({ labels, tally })
    return tally
  }

  #collected (): MetricObjectWithValues<MetricValue<string>> {
    const { name, help, buckets } = this.#options
    const values = this.#series.flatMap(({ labels, tally }) => {
      let count = 0
      const byBucket = [...tally.counts].map((inBucket, index) => {
        count += inBucket
        return { labels: { ...labels, le: buckets[index] ?? '+Inf' }, value: count, metricName: `${name}_bucket` }
      })
      return [...byBucket, { labels, value: tally.sum, metricName: `${name}_sum` }, {
        labels,
        value: count,
        metricName: `${name}_count`
      }]
    })
    return { name, help, type: 'histogram', values, aggregator: 'sum' } as unknown as MetricObjectWithValues<
      MetricValue<string>
    >
  }
}
