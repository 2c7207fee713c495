import { Counter, type Registry } from '@prometheus-io/client'
import type { Shadowing } from '../control/shadowing.ts'

/** Registers the comparison of a shadow with the settings in force, which has no series without a shadow. */
export function registerShadowMetrics (registry: Registry, shadowing: Shadowing): void {
  const counter: Counter<'priority_class' | 'live' | 'shadow'> = new Counter({
    name: 'spillway_shadow_decisions_total',
    help:
      'Events and unread requests by what became of them (admitted, sampled, or the reason of a refusal) and by what ' +
      'would have under the settings of the shadow; no series without a shadow',
    labelNames: ['priority_class', 'live', 'shadow'],
    registers: [registry],
    collect: () => {
      counter.reset()
      for (const { priorityClass, live, shadow, count } of shadowing.shadow?.counts.decisions ?? []) {
        counter.inc({ priority_class: priorityClass, live, shadow }, count)
      }
    }
  })
}
