import { Counter, type Registry } from '@prometheus-io/client'

/**
 * A counter whose count is kept in Redis, over all processes; this one only shows it. `fill` is called with each scrape and
 * sets every series from zero.
 */
export function sharedCounter<Label extends string> (registry: Registry, name: string, help: string, labelNames: readonly Label[], fill: () => void): Counter<Label> {
  const counter: Counter<Label> = new Counter({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect: () => {
      counter.reset()
      fill()
    }
  })
  return counter
}
