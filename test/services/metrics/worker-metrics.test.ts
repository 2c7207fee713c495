import { Registry } from '@prometheus-io/client'
import t from 'tap'
import { WorkerMetrics } from '../../../services/metrics/worker-metrics.ts'
import { seriesOf } from './series.ts'

const outcome = (name: string) => `spillway_worker_events_total{outcome="${name}"}`

t.test('counts events by outcome, from zero', async (t) => {
  const registry = new Registry()
  const metrics = new WorkerMetrics(registry)
  const series = ([done, dead, requeued, expired]: readonly number[]) => ({
    [outcome('done')]: done, [outcome('dead')]: dead, [outcome('requeued')]: requeued, [outcome('expired')]: expired
  })
  t.strictSame(await seriesOf(registry), series([0, 0, 0, 0]))
  metrics.count({ done: 5, dead: 0, requeued: 2, expired: 0 })
  metrics.count({ done: 1, dead: 3, requeued: 0, expired: 4 })
  t.strictSame(await seriesOf(registry), series([6, 3, 2, 4]))
})
