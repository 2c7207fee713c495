import { Registry } from '@prometheus-io/client'
import t from 'tap'
import { WorkerMetrics } from '../../../services/metrics/worker-metrics.ts'
import { seriesOf } from './series.ts'

const outcome = (name: string) => `spillway_worker_events_total{outcome="${name}"}`

t.test('counts events by outcome, from zero', async (t) => {
  const registry = new Registry()
  const metrics = new WorkerMetrics(registry)
  t.strictSame(await seriesOf(registry), { [outcome('done')]: 0, [outcome('dead')]: 0, [outcome('requeued')]: 0 })
  metrics.count({ done: 5, dead: 0, requeued: 2 })
  metrics.count({ done: 1, dead: 3, requeued: 0 })
  t.strictSame(await seriesOf(registry), { [outcome('done')]: 6, [outcome('dead')]: 3, [outcome('requeued')]: 2 })
})
