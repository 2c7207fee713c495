import { Registry } from '@prometheus-io/client'
import t from 'tap'
import { registerSpoolMetrics } from '../../../services/metrics/spool-metrics.ts'
import { byPriority } from '../queue/setup.ts'
import { seriesOf } from './series.ts'

t.test('shows what is in the spool and what became of its events', async (t) => {
  const registry = new Registry()
  const spool = {
    bytes: 8_192,
    maxBytes: 65_536,
    eventsByPriority: byPriority({ 1: 3, 2: 1, 5: 4, 10: 2 }),
    totals: { written: 20, drained: 7, damaged: 3, refused: { 'spool-full': 2, 'spool-unusable': 0 } }
  }
  registerSpoolMetrics(registry, spool)
  const expected = {
    'spillway_spool_events{priority_class="critical"}': 3,
    'spillway_spool_events{priority_class="normal"}': 5,
    'spillway_spool_events{priority_class="low"}': 2,
    spillway_spool_bytes: 8_192,
    spillway_spool_max_bytes: 65_536,
    spillway_spool_written_events_total: 20,
    spillway_spool_drained_events_total: 7,
    spillway_spool_damaged_events_total: 3,
    'spillway_spool_refused_total{reason="spool-full"}': 2,
    'spillway_spool_refused_total{reason="spool-unusable"}': 0
  }
  t.strictSame(await seriesOf(registry), expected)
  spool.totals.written = 21
  t.strictSame(await seriesOf(registry), { ...expected, spillway_spool_written_events_total: 21 })
})
