import { Counter, type Registry } from '@prometheus-io/client'
import { PRIORITY_CLASSES, type PriorityClass } from '../backpressure/priority-class.ts'

/** Counts every admission decision, by class and reason. */
export class AdmissionMetrics {
  readonly #rejected: Counter<'priority_class' | 'reason'>
  readonly #admitted: Counter<'priority_class'>
  readonly #reasons: readonly string[]

  /** @param reasons all reasons there are, so that each series exists from the start and a first shed shows as a rise */
  constructor (registry: Registry, reasons: readonly string[]) {
    this.#reasons = reasons
    this.#rejected = new Counter({
      name: 'rule_engine_backpressure_rejected_total',
      help: 'Events and unread requests that were shed; in observe mode those that would have been',
      labelNames: ['priority_class', 'reason'],
      registers: [registry]
    })
    this.#admitted = new Counter({
      name: 'spillway_admitted_total', help: 'Events that were admitted', labelNames: ['priority_class'], registers: [registry]
    })
    for (const priorityClass of PRIORITY_CLASSES) this.#admitted.inc({ priority_class: priorityClass }, 0)
    this.reset()
  }

  count (priorityClass: PriorityClass, reason: string | undefined): void {
    if (reason === undefined) this.#admitted.inc({ priority_class: priorityClass })
    else this.#rejected.inc({ priority_class: priorityClass, reason })
  }

  /** Puts the rejections to zero; the series stay. */
  reset (): void {
    this.#rejected.reset()
    for (const priorityClass of PRIORITY_CLASSES) {
      for (const reason of this.#reasons) this.#rejected.inc({ priority_class: priorityClass, reason }, 0)
    }
  }
}
