import { Registry } from '@prometheus-io/client'
import t from 'tap'
import { registerBuildMetrics } from '../../../services/metrics/build-metrics.ts'
import { seriesOf } from './series.ts'

t.test('tells version and role', async (t) => {
  const registry = new Registry()
  registerBuildMetrics(registry, { version: '1.2.3', role: 'api' })
  t.strictSame(await seriesOf(registry), { 'spillway_build_info{version="1.2.3",role="api"}': 1 })
})
