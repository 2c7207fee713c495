import { Counter, Gauge, type Registry } from '@prometheus-io/client'

/** One number, or one for each value of the label; undefined while nothing is known. */
type Figures = number | Readonly<Record<string, number>> | undefined

/** A metric whose numbers are kept elsewhere, in Redis or in this process, and read with each scrape. */
export interface ShownMetric {
  readonly name: string
  readonly help: string
  readonly label?: string
  readonly read: () => Figures
}

/** Registers a gauge, which stays as it is while its figures are unknown. */
export function showGauge (registry: Registry, { name, help, label, read }: ShownMetric): void {
  const gauge: Gauge<string> = new Gauge({
    name, help, labelNames: label === undefined ? [] : [label], registers: [registry],
    collect: () => { for (const [labels, value] of seriesOf(label, read())) gauge.set(labels, value) }
  })
}

/**
 * Registers a counter, which has no series while its count is unknown: one that began at zero and jumped to its true count
 * would read as that many events at once.
 */
export function showCounter (registry: Registry, { name, help, label, read }: ShownMetric): void {
  const counter: Counter<string> = new Counter({
    name, help, labelNames: label === undefined ? [] : [label], registers: [registry],
    collect: () => {
      const figures = read()
      counter.reset()
      // Without labels there is one series, which a reset puts to zero.
      if (figures === undefined && label === undefined) counter.remove()
      // A batch that came back after its memory was gone can put a sum below zero, where no counter can be.
      for (const [labels, value] of seriesOf(label, figures)) counter.inc(labels, Math.max(0, value))
    }
  })
}

function seriesOf (label = '', figures: Figures): [labels: Record<string, string>, value: number][] {
  if (figures === undefined) return []
  if (typeof figures === 'number') return [[{}, figures]]
  return Object.entries(figures).map(([name, value]) => [{ [label]: name }, value])
}
