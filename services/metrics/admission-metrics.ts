import { Counter, type Registry } from '@prometheus-io/client'
import { PRIORITY_CLASSES, type PriorityClass } from '../admission/priority-class.ts'
import { CONSEQUENCES, type RefusalReason } from '../admission/refusal.ts'
import { showCounter } from './shown.ts'

type CountByClass = Record<PriorityClass, number>

const HELP: Readonly<Record<string, string>> = {
  [CONSEQUENCES.load.metric]:
    'Events and unread requests that were shed; in observe mode, those that would have been shed',
  [CONSEQUENCES.quota.metric]: 'Events that were refused because of a quota',
  [CONSEQUENCES.forbidden.metric]: 'Events and unread requests that their producer may not post'
}

const noCounts = (): CountByClass => ({ critical: 0, normal: 0, low: 0 })

/** Counts every admission decision, by class and reason; a scrape creates the series. */
export class AdmissionMetrics {
  readonly #admitted = noCounts()
  /** Refusals by metric and reason. */
  readonly #refused = new Map<string, Map<string, CountByClass>>()

  /** @param reasons all possible reasons: each series exists from the start, so the first shed shows as an increase */
  constructor (registry: Registry, reasons: readonly RefusalReason[]) {
    for (const [metric, help] of Object.entries(HELP)) {
      const byReason = new Map<string, CountByClass>()
      this.#refused.set(metric, byReason)
      const counter: Counter<'priority_class' | 'reason'> = new Counter({
        name: metric,
        help,
        labelNames: ['priority_class', 'reason'],
        registers: [registry],
        collect: () => {
          counter.reset()
          for (const [reason, counts] of byReason) {
            for (const name of PRIORITY_CLASSES) counter.inc({ priority_class: name, reason }, counts[name])
          }
        }
      })
    }
    for (const { kind, reason } of reasons) this.#countsOf(CONSEQUENCES[kind].metric, reason)
    showCounter(registry, {
      name: 'spillway_admitted_total', help: 'Events that were admitted', label: 'priority_class',
      read: () => this.#admitted
    })
  }

  countAdmitted (priorityClass: PriorityClass): void {
    this.#admitted[priorityClass]++
  }

  countRefused (priorityClass: PriorityClass, { kind, reason }: RefusalReason): void {
    this.#countsOf(CONSEQUENCES[kind].metric, reason)[priorityClass]++
  }

  /** Sets the refusals to zero; the series stay. */
  reset (): void {
    for (const byReason of this.#refused.values()) {
      for (const counts of byReason.values()) Object.assign(counts, noCounts())
    }
  }

  #countsOf (metric: string, reason: string): CountByClass {
    const byReason = this.#refused.get(metric) as Map<string, CountByClass>
    let counts = byReason.get(reason)
    if (counts === undefined) byReason.set(reason, counts = noCounts())
    return counts
  }
}
