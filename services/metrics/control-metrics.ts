import { Gauge, type Registry } from '@prometheus-io/client'
import { PRIORITY_CLASSES } from '../admission/priority-class.ts'
import { EVIDENCE } from '../control/capacity.ts'
import type { Control } from '../control/control.ts'
import type { ByClass } from '../control/wait.ts'

const SECOND_MS = 1_000

/** Registers what control estimates. A scrape reads memory; NaN is what is not known. */
export function registerControlMetrics (registry: Registry, control: Control): void {
  const registers = [registry]
  const capacity: Gauge = new Gauge({
    name: 'spillway_capacity',
    help: 'Events per second that all workers complete while they have enough to do; NaN while unknown',
    registers,
    collect: () => capacity.set(control.state.capacityPerSecond ?? NaN)
  })
  const evidence: Gauge = new Gauge({
    name: 'spillway_capacity_evidence',
    help:
      'The origin of the capacity: 0 none, 1 held, 2 inferred from the share of slots in use, 3 measured while busy',
    registers,
    collect: () => evidence.set(EVIDENCE.indexOf(control.state.evidence))
  })
  perClass({
    name: 'spillway_wait_seconds',
    help:
      'How long a new event of the class waits, or the oldest one has waited if that is longer; NaN while unknown or ' +
      'without end',
    values: () => control.state.waitMs
  }, SECOND_MS)
  perClass({
    name: 'spillway_time_to_empty_seconds',
    help:
      'Until nothing of the class and of those before it is left at the present rates; NaN while unknown or if that ' +
      'does not come',
    values: () => control.state.timeToEmptyMs
  }, SECOND_MS)
  perClass({
    name: 'spillway_delay_budget_seconds', help: 'How long an event of the class may wait', values: () => control.settings.budgetsMs
  }, SECOND_MS)

  perClass({
    name: 'spillway_shed_share',
    help: 'Share of the events of the class that smooth shedding refuses; 0 with SHEDDING=cliff',
    values: () => control.state.shedShareByClass
  })
  perClass({
    name: 'spillway_kept_share',
    help: 'Share of the events of the class that is kept as a sample; 1 without one',
    values: () => control.state.keptShareByClass
  })

  function perClass (
    { name, help, values }: { name: string, help: string, values: () => ByClass<number | null> }, unit = 1
  ): void {
    const gauge: Gauge<'priority_class'> = new Gauge({
      name,
      help,
      labelNames: ['priority_class'],
      registers,
      collect: () => {
        const shown = values()
        for (const each of PRIORITY_CLASSES) gauge.set({ priority_class: each }, (shown[each] ?? NaN) / unit)
      }
    })
  }
}
