import { Counter, Gauge, type Registry } from '@prometheus-io/client'
import { PRIORITY_CLASSES } from '../admission/priority-class.ts'
import { sumByClass } from '../admission/sum.ts'
import { SPOOL_REFUSALS } from '../spool/spool-error.ts'
import type { Spool, SpoolTotals } from '../spool/spool.ts'

/** The part of a spool that is shown. */
type ShownSpool = Pick<Spool, 'bytes' | 'maxBytes' | 'eventsByPriority' | 'totals'>

const COUNTERS: Record<string, { help: string, value: (totals: SpoolTotals) => number }> = {
  spillway_spool_written_events_total: { help: 'Events that went to the spool', value: ({ written }) => written },
  spillway_spool_drained_events_total: { help: 'Events that went from the spool into the queue', value: ({ drained }) => drained },
  spillway_spool_damaged_events_total: { help: 'Events of the spool that could not be read', value: ({ damaged }) => damaged }
}

/** Registers everything that is known of the spool: what is in it, and what became of its events since the start. */
export function registerSpoolMetrics (registry: Registry, spool: ShownSpool): void {
  const events: Gauge<'priority_class'> = new Gauge({
    name: 'spillway_spool_events',
    help: 'Events that wait in the spool',
    labelNames: ['priority_class'],
    registers: [registry],
    collect: () => {
      const waiting = sumByClass(spool.eventsByPriority)
      for (const name of PRIORITY_CLASSES) events.set({ priority_class: name }, waiting[name])
    }
  })
  const bytes: Gauge = new Gauge({
    name: 'spillway_spool_bytes', help: 'What the spool takes of the disk', registers: [registry], collect: () => bytes.set(spool.bytes)
  })
  const maxBytes: Gauge = new Gauge({ name: 'spillway_spool_max_bytes', help: 'What the spool may take of the disk', registers: [registry] })
  maxBytes.set(spool.maxBytes)
  for (const [name, { help, value }] of Object.entries(COUNTERS)) {
    // The spool counts; this only shows it.
    const counter: Counter = new Counter({
      name,
      help,
      registers: [registry],
      collect: () => {
        counter.reset()
        counter.inc(value(spool.totals))
      }
    })
  }
  const refused: Counter<'reason'> = new Counter({
    name: 'spillway_spool_refused_total',
    help: 'Events that the spool did not take',
    labelNames: ['reason'],
    registers: [registry],
    collect: () => {
      refused.reset()
      for (const reason of SPOOL_REFUSALS) refused.inc({ reason }, spool.totals.refused[reason])
    }
  })
}
