import t from 'tap'
import { heading, isCost } from '../../../bench/report/metric.ts'

t.test('a metric is written for people, with its unit', async (t) => {
  const table: [metric: string, heading: string, isCost: boolean][] = [
    ['eventsPerSecond', 'events/s', false],
    ['serverMicrosPerEvent', 'server µs/event', true],
    ['redisBytesPerEvent', 'redis bytes/event', true],
    ['p50Ms', 'p50 ms', false],
    ['p99Ms', 'p99 ms', false],
    ['p999Ms', 'p99.9 ms', false],
    ['gateAdmittedP99Nanos', 'gate admitted p99 ns', false],
    ['rssGrowthMiB', 'rss growth MiB', true],
    ['failed', 'failed', false],
    ['', '', false]
  ]
  for (const [metric, expected, cost] of table) {
    t.equal(heading(metric), expected)
    t.equal(isCost(metric), cost, metric)
  }
})
