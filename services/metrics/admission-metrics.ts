import type { Registry } from '@prometheus-io/client'
import { PRIORITY_CLASSES, type PriorityClass } from '../admission/priority-class.ts'
import { sharedCounter } from './shared-counter.ts'

type Tally = Record<PriorityClass, number>

const newTally = (): Tally => ({ critical: 0, normal: 0, low: 0 })

/** Counts every admission decision, by class and reason. A decision adds one to a number; series are made when they are scraped. */
export class AdmissionMetrics {
  readonly #admitted = newTally()
  readonly #rejected: Map<string, Tally>

  /** @param reasons all reasons there are, so that each series exists from the start and a first shed shows as a rise */
  constructor (registry: Registry, reasons: readonly string[]) {
    this.#rejected = new Map(reasons.map((reason) => [reason, newTally()]))
    const rejected = sharedCounter(registry, {
      name: 'rule_engine_backpressure_rejected_total',
      help: 'Events and unread requests that were shed; in observe mode those that would have been',
      labelNames: ['priority_class', 'reason'],
      fill: () => {
        for (const [reason, tally] of this.#rejected) {
          for (const name of PRIORITY_CLASSES) rejected.inc({ priority_class: name, reason }, tally[name])
        }
      }
    })
    const admitted = sharedCounter(registry, {
      name: 'spillway_admitted_total',
      help: 'Events that were admitted',
      labelNames: ['priority_class'],
      fill: () => {
        for (const name of PRIORITY_CLASSES) admitted.inc({ priority_class: name }, this.#admitted[name])
      }
    })
  }

  count (priorityClass: PriorityClass, reason: string | undefined): void {
    if (reason === undefined) this.#admitted[priorityClass]++
    else this.#tallyOf(reason)[priorityClass]++
  }

  /** Puts the rejections to zero; the series stay. */
  reset (): void {
    for (const tally of this.#rejected.values()) Object.assign(tally, newTally())
  }

  #tallyOf (reason: string): Tally {
    let tally = this.#rejected.get(reason)
    if (tally === undefined) {
      tally = newTally()
      this.#rejected.set(reason, tally)
    }
    return tally
  }
}
