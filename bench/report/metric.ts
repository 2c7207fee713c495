/** How the units in names of metrics are written for people. */
const UNITS = new Map(Object.entries({ nanos: 'ns', micros: 'µs', ms: 'ms', second: 's', seconds: 's', mib: 'MiB' }))

/** A metric that is a cost of its own and not a speed of the machine that measured it; what the generator costs is nobody's concern. */
const COST = /^(?!load).*(?:Per(?:Event|Answer)|Nanos)$/

const RATE = /PerSecond$/
const TIME = /(?:Nanos|Micros|Ms)(?:Per[A-Z]\w*)?$/
const SPACE = /(?:MiB|Bytes)(?:Per[A-Z]\w*)?$/

/** A metric as the head of a column: `serverMicrosPerEvent` is `server µs/event`, `p999Ms` is `p99.9 ms`. */
export function heading (metric: string): string {
  const words = metric.match(/MiB|[A-Z]?[a-z0-9]+/g) ?? [metric]
  return words.map((word) => word.toLowerCase())
    .map((word) => UNITS.get(word) ?? word.replace(/^p(\d\d)(\d+)$/, 'p$1.$2'))
    .join(' ').replaceAll(' per ', '/')
}

/** Whether a metric says something beyond the machine it was measured on: what an event costs, not how many go through. */
export function isCost (metric: string): boolean {
  return COST.test(metric)
}

/** Whether a metric is a time or a rate, which another machine has otherwise. */
export function isSpeed (metric: string): boolean {
  return TIME.test(metric) || RATE.test(metric)
}

/** Whether one would rather have more or less of a metric; undefined where its name does not tell. */
export function betterSide (metric: string): 'more' | 'less' | undefined {
  if (RATE.test(metric)) return 'more'
  return TIME.test(metric) || SPACE.test(metric) ? 'less' : undefined
}
