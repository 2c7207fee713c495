import { Counter, Gauge, type Registry } from '@prometheus-io/client'

/** One number, or one for each value of the label; undefined while unknown. */
type Figures = number | Readonly<Record<string, number>> | undefined

/** A metric with numbers from elsewhere, in Redis or in this process; each scrape reads them. */
export interface ShownMetric {
  readonly name: string
  readonly help: string
  readonly label?: string
  readonly read: () => Figures
}

/** Registers a gauge, which keeps its value while its figures are unknown. */
export function showGauge (registry: Registry, { name, help, label, read }: ShownMetric): void {
  const gauge: Gauge<string> = new Gauge({
    name, help, labelNames: label === undefined ? [] : [label], registers: [registry],
    collect: () => { for (const [labels, value] of seriesOf(label, read())) gauge.set(labels, value) }
  })
}

/**
 * Registers a counter, which has no series while its count is unknown: a jump from zero to the true count would read as
 * that many events at once.
 */
export function showCounter (registry: Registry, { name, help, label, read }: ShownMetric): void {
  const counter: Counter<string> = new Counter({
    name, help, labelNames: label === undefined ? [] : [label], registers: [registry],
    collect: () => {
      const figures = read()
      counter.reset()
      // Without labels a reset leaves one series at zero, so remove it.
      if (figures === undefined && label === undefined) counter.remove()
      // A batch that returns after Redis forgot it can make a sum negative, which a counter cannot be.
      for (const [labels, value] of seriesOf(label, figures)) counter.inc(labels, Math.max(0, value))
    }
  })
}

function seriesOf (label = '', figures: Figures): [labels: Record<string, string>, value: number][] {
  if (figures === undefined) return []
  if (typeof figures === 'number') return [[{}, figures]]
  return Object.entries(figures).map(([name, value]) => [{ [label]: name }, value])
}
