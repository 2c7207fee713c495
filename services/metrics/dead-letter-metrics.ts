import { Gauge, type Registry } from '@prometheus-io/client'
import type { DeadLetterFigures } from '../dead-letters/dead-letter.ts'
import { sharedCounter } from './shared-counter.ts'

/** Shows the dead letters of all processes as they were last read. Before that the gauge is NaN and the counters are not shown. */
export function registerDeadLetterMetrics (registry: Registry, figures: () => DeadLetterFigures | undefined): void {
  const kept: Gauge = new Gauge({
    name: 'spillway_dead_letters',
    help: 'Dead letters that are kept',
    registers: [registry],
    collect: () => { kept.set(figures()?.kept ?? NaN) }
  })
  const bytes: Gauge = new Gauge({
    name: 'spillway_dead_letter_bytes',
    help: 'What dead letters take of Redis',
    registers: [registry],
    collect: () => { bytes.set(figures()?.bytes ?? NaN) }
  })
  const isKnown = () => figures() !== undefined
  const discarded = sharedCounter(registry, {
    name: 'spillway_dead_letters_discarded_total',
    help: 'Dead letters that had to go because there were too many',
    fill: () => discarded.inc(figures()?.discarded),
    isKnown
  })
  const replayed = sharedCounter(registry, {
    name: 'spillway_dead_letters_replayed_total',
    help: 'Dead letters that were put back into the queue',
    fill: () => replayed.inc(figures()?.replayed),
    isKnown
  })
}
