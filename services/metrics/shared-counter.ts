import { Counter, type Registry } from '@prometheus-io/client'

/**
 * A counter whose count is kept elsewhere, in Redis over all processes or in plain numbers of this one; it only shows it. `fill` is called with each scrape and
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
