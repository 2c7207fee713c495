import type { Registry } from '@prometheus-io/client'
import type { PriorityClass } from '../admission/priority-class.ts'
import type { AccuracyQuantiles } from '../control/retry-accuracy.ts'
import { byClass, type ByClass } from '../control/wait.ts'
import { showGauge } from './shown.ts'
import { TallyHistogram, type Tally } from './tally-histogram.ts'

const BUCKETS = [0.25, 0.5, 0.8, 1, 1.25, 1.6, 2, 3, 5, 10]

/** Counts how long refusals suggest to wait as a multiple of the true wait. A scrape creates the series. */
export class RetryAccuracyMetrics {
  readonly #tallies: ByClass<Tally>

  constructor (registry: Registry, quantiles: () => ByClass<AccuracyQuantiles>) {
    const name = 'spillway_retry_after_accuracy'
    const histogram = new TallyHistogram<'priority_class'>({
      name,
      help:
        'The wait that a refusal suggests as a multiple of the time until an event of the class was admitted, at ' +
        'least 1 s; of each class at most one refusal per reading of the queue counts',
      buckets: BUCKETS,
      registry
    })
    this.#tallies = byClass((priorityClass) => histogram.add({ priority_class: priorityClass }))
    for (const [key, suffix, text] of [['p50', 'median', 'median'], ['p90', 'p90', '90 % quantile']] as const) {
      showGauge(registry, {
        name: `${name}_${suffix}`,
        help: `The ${text} of that multiple over the last 512 refusals; NaN before the first is known`,
        label: 'priority_class',
        read: () => {
          const shown = quantiles()
          return byClass((each) => shown[each][key] ?? NaN)
        }
      })
    }
  }

  observe (name: PriorityClass, accuracy: number): void {
    this.#tallies[name].observe(accuracy)
  }
}
