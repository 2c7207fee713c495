import type { Registry } from '@prometheus-io/client'
import { sumByClass } from '../admission/sum.ts'
import type { Spool } from '../spool/spool.ts'
import { showCounter, showGauge } from './shown.ts'

/** The part of a spool that the metrics show. */
type ShownSpool = Pick<Spool, 'bytes' | 'maxBytes' | 'eventsByPriority' | 'totals'>

/** Registers the metrics of the spool: its content, and the outcomes of its events since the start. */
export function registerSpoolMetrics (registry: Registry, spool: ShownSpool): void {
  showGauge(registry, {
    name: 'spillway_spool_events', help: 'Events that wait in the spool', label: 'priority_class',
    read: () => sumByClass(spool.eventsByPriority)
  })
  showGauge(registry, {
    name: 'spillway_spool_bytes', help: 'Disk space that the spool takes', read: () => spool.bytes
  })
  showGauge(registry, {
    name: 'spillway_spool_max_bytes', help: 'Disk space that the spool may take', read: () => spool.maxBytes
  })
  showCounter(registry, {
    name: 'spillway_spool_written_events_total', help: 'Events that went to the spool', read: () => spool.totals.written
  })
  showCounter(registry, {
    name: 'spillway_spool_drained_events_total',
    help: 'Events that went from the spool into the queue',
    read: () => spool.totals.drained
  })
  showCounter(registry, {
    name: 'spillway_spool_damaged_events_total',
    help: 'Events of the spool that could not be read',
    read: () => spool.totals.damaged
  })
  showCounter(registry, {
    name: 'spillway_spool_refused_total', help: 'Events that the spool refused', label: 'reason',
    read: () => spool.totals.refused
  })
}
