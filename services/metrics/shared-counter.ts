import { Counter, type Registry } from '@prometheus-io/client'

/** The name of a shared counter, and its content. */
interface SharedCounterOptions<Label extends string> {
  name: string
  help: string
  labelNames?: readonly Label[]
  /** Called with each scrape; sets every series from zero. */
  fill: () => void
  /** While it is false the counter has no series: one that began at zero and jumped to its true count would read as that many events at once. */
  isKnown?: () => boolean
}

/** A counter whose count is kept elsewhere, in Redis over all processes or in plain numbers of this one; it only shows it. */
export function sharedCounter<Label extends string> (registry: Registry, { name, help, labelNames = [], fill, isKnown = () => true }: SharedCounterOptions<Label>): Counter<Label> {
  const counter: Counter<Label> = new Counter({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect: () => {
      counter.reset()
      if (isKnown()) fill()
      // Without labels there is one series, which a reset puts to zero.
      else if (labelNames.length === 0) counter.remove()
    }
  })
  return counter
}
