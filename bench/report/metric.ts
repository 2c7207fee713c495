/** The units in names of metrics, and their form for people. */
const UNITS = new Map(Object.entries({ nanos: 'ns', micros: 'µs', ms: 'ms', second: 's', seconds: 's', mib: 'MiB' }))

/** Metrics of a cost, not of the speed of the machine; the cost of the generator is irrelevant. */
const COST = /^(?!load).*(?:Per(?:Event|Answer)|Nanos)$/

const RATE = /PerSecond$/
const TIME = /(?:Nanos|Micros|Ms)(?:Per[A-Z]\w*)?$/
const SPACE = /(?:MiB|Bytes)(?:Per[A-Z]\w*)?$/

/** Formats a metric as the head of a column: `serverMicrosPerEvent` is `server µs/event`, `p999Ms` is `p99.9 ms`. */
export function heading (metric: string): string {
  const words = metric.match(/MiB|[A-Z]?[a-z0-9]+/g) ?? [metric]
  return words.map((word) => word.toLowerCase())
    .map((word) => UNITS.get(word) ?? word.replace(/^p(\d\d)(\d+)$/, 'p$1.$2'))
    .join(' ').replaceAll(' per ', '/')
}

/** Whether a metric is meaningful beyond its machine: a cost per event, not a throughput. */
export function isCost (metric: string): boolean {
  return COST.test(metric)
}

/** Whether a metric is a time or a rate, which depends on the machine. */
export function isSpeed (metric: string): boolean {
  return TIME.test(metric) || RATE.test(metric)
}

/** Whether more or less of a metric is better; undefined if its name does not tell. */
export function betterSide (metric: string): 'more' | 'less' | undefined {
  if (RATE.test(metric)) return 'more'
  return TIME.test(metric) || SPACE.test(metric) ? 'less' : undefined
}
