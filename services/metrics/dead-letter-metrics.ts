import type { Registry } from '@prometheus-io/client'
import type { DeadLetterFigures } from '../queue/reading.ts'
import { showCounter, showGauge } from './shown.ts'

/** Shows the dead letters of all processes as of the last reading. Before that the gauges are NaN. */
export function registerDeadLetterMetrics (registry: Registry, figures: () => DeadLetterFigures | undefined): void {
  showGauge(registry, {
    name: 'spillway_dead_letters', help: 'Dead letters that are kept', read: () => figures()?.kept ?? NaN
  })
  showGauge(registry, {
    name: 'spillway_dead_letter_bytes', help: 'Bytes of Redis for dead letters', read: () => figures()?.bytes ?? NaN
  })
  showCounter(registry, {
    name: 'spillway_dead_letters_discarded_total',
    help: 'Dead letters that were discarded because there were too many',
    read: () => figures()?.discarded
  })
  showCounter(registry, {
    name: 'spillway_dead_letters_replayed_total',
    help: 'Dead letters that were put back into the queue',
    read: () => figures()?.replayed
  })
}
