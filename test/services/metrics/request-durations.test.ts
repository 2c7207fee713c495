import { Registry } from '@prometheus-io/client'
import t from 'tap'
import { RequestDurations } from '../../../services/metrics/request-durations.ts'
import { seriesOf } from './series.ts'

t.test('counts requests by route and status', async (t) => {
  const registry = new Registry()
  const durations = new RequestDurations(registry)
  const [post, get] = [durations.of({ method: 'POST', path: '/a' }), durations.of({ method: 'GET', path: '/a' })]
  for (const seconds of [0.0005, 0.002, 9]) post(202, seconds)
  post(503, 0.001)
  get(200, 0.2)
  const name = (suffix: string, labels: string) => `http_request_duration_seconds_${suffix}{${labels}}`
  const accepted = 'method="POST",route="/a",status_code="202"'
  t.match(await seriesOf(registry), {
    [name('count', accepted)]: 3,
    [name('sum', accepted)]: 9.0025,
    [name('bucket', `${accepted},le="0.001"`)]: 1,
    [name('bucket', `${accepted},le="2.5"`)]: 2,
    [name('bucket', `${accepted},le="+Inf"`)]: 3,
    [name('count', 'method="POST",route="/a",status_code="503"')]: 1,
    [name('bucket', 'method="GET",route="/a",status_code="200",le="0.25"')]: 1
  })
})
