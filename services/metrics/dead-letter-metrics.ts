import { Gauge, type Registry } from '@prometheus-io/client'
import type { LetterFigures } from '../dead-letters/dead-letter-store.ts'
import { sharedCounter } from './shared-counter.ts'

/** Shows the dead letters of all processes as they were last read; the gauge is NaN before that. */
export function registerDeadLetterMetrics (registry: Registry, figures: () => LetterFigures | undefined): void {
  const kept: Gauge = new Gauge({
    name: 'spillway_dead_letters',
    help: 'Dead letters that are kept',
    registers: [registry],
    collect: () => { kept.set(figures()?.kept ?? NaN) }
  })
  const discarded = sharedCounter(registry, 'spillway_dead_letters_discarded_total', 'Dead letters that had to go because there were too many', [], () => {
    discarded.inc(figures()?.discarded ?? 0)
  })
  const replayed = sharedCounter(registry, 'spillway_dead_letters_replayed_total', 'Dead letters that were put back into the queue', [], () => {
    replayed.inc(figures()?.replayed ?? 0)
  })
}
